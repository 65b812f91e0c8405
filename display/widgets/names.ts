import { inspect } from "node:util";
import { accessors } from "./view.ts";
import type { Model } from "./model.ts";

/** Turns a name of ours into the protocol's: `readoutFormat` into `readout_format`. */
export function toWireName(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** Turns options into parts of a state; an option that is none throws a TypeError that lists what there is. */
export function toWireState(
  options: Readonly<Record<string, unknown>>,
  names: readonly string[],
  what: string,
): Record<string, unknown> {
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  for (const [name] of given) {
    if (!names.includes(name)) {
      throw new TypeError(`${what} has no "${name}"; it has ${names.join(", ")}`);
    }
  }
  return Object.fromEntries(given.map(([name, value]) => [toWireName(name), value]));
}

/** Refuses what is no object of options; `example` says what to write. */
export function requireOptions(options: unknown, example: string): void {
  if (typeof options === "object" && options !== null && !Array.isArray(options)) return;
  throw new TypeError(`options are an object, as in ${example}; this is ${inspect(options, { depth: 0 })}`);
}

/** Refuses a handler that is no function. */
export function requireHandler(handler: unknown, example: string): void {
  if (typeof handler === "function") return;
  throw new TypeError(`a handler is a function, as in ${example}; this is ${inspect(handler, { depth: 0 })}`);
}

/** Shows parts of a model's state under our names. */
export function partsOf(model: Model, names: readonly string[]): Record<string, unknown> {
  return accessors(
    names,
    (name) => model.get(toWireName(name)),
    (name, value) => model.set({ [toWireName(name)]: value }),
  );
}
