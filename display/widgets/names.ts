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

/** Shows parts of a model's state under our names. */
export function partsOf(model: Model, names: readonly string[]): Record<string, unknown> {
  return accessors(
    names,
    (name) => model.get(toWireName(name)),
    (name, value) => model.set({ [toWireName(name)]: value }),
  );
}
