import { inspect } from "node:util";
import { type Control, type ControlOptions, createControl } from "./control.ts";
import type { State } from "./model.ts";
import { requireOptions } from "./names.ts";

/** What there is to choose from: a list, or names and what they stand for. */
export type Choices<T> = readonly T[] | ReadonlySet<T> | Readonly<Record<string, T>> | ReadonlyMap<string, T>;

/** What a selection can be given. */
export interface SelectOptions<T> extends ControlOptions {
  /** What is chosen at first: the first choice unless given; `undefined` cannot be told from that. */
  readonly value?: T;
}

/** A list to choose one from. */
export type Select<T> = Control<T, ControlOptions>;

/** Makes a drop-down list: `select(["small", "large"])`, `select({ small: 1, large: 100 })`. */
export function select<const T>(choices: Choices<T>, options: SelectOptions<T> = {}): Select<T> {
  requireOptions(options, 'select(["small", "large"], { value: "large" })');
  const { value, ...rest } = options;
  const named = readChoices(choices);
  const labels = named.map(([label]) => label);
  function indexOf(wanted: T): number {
    const index = named.findIndex(([, choice]) => Object.is(choice, wanted));
    if (index !== -1) return index;
    throw new RangeError(
      `there is no choice ${quote(wanted)} in this list: ${labels.slice(0, 10).map(quote).join(", ")}`,
    );
  }
  const defaults = {
    _options_labels: labels,
    description: "",
    description_allow_html: false,
    disabled: false,
    index: value === undefined ? 0 : indexOf(value),
  };
  function check(changes: Readonly<State>): Readonly<State> {
    if ("index" in changes && !(Number.isInteger(changes["index"]) && named[changes["index"] as number])) {
      const last = named.length - 1;
      throw new RangeError(`a choice of this list is a number from 0 to ${last}, not ${quote(changes["index"])}`);
    }
    return changes;
  }
  return createControl<T, ControlOptions>({ name: "Dropdown", style: "DescriptionStyleModel", defaults, check }, rest, {
    name: "index",
    toWire: indexOf,
    fromWire: (index) => named[Number(index)]![1],
  });
}

function readChoices<T>(choices: Choices<T>): readonly (readonly [string, T])[] {
  if (typeof choices !== "object" || choices === null) {
    throw new TypeError(
      `select needs choices, as in select(["small", "large"]) or select({ small: 1, large: 100 }); this is ${inspect(choices)}`,
    );
  }
  const named = isMap(choices)
    ? [...choices]
    : Symbol.iterator in choices
      ? Array.from(choices as Iterable<T>, (choice) => [String(choice), choice] as const)
      : Object.entries(choices);
  if (named.length === 0) throw new TypeError("select needs something to choose from: the list is empty");
  return named;
}

function isMap<T>(choices: Choices<T>): choices is ReadonlyMap<string, T> {
  return Object.prototype.toString.call(choices) === "[object Map]";
}

function quote(value: unknown): string {
  return typeof value === "string" ? JSON.stringify(value) : String(value);
}
