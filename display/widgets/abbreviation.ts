import { inspect } from "node:util";
import type { BoxChild } from "./box.ts";
import { type Checkbox, type TextField, checkbox, text } from "./inputs.ts";
import { type Select, select } from "./select.ts";
import { type Slider, slider } from "./slider.ts";
import { isModel } from "./wire.ts";

/** A control of any value. */
export interface AnyControl extends BoxChild {
  readonly value: unknown;
  readonly options: object;
  on(handler: () => unknown): () => void;
  close(): void;
}

/**
 * A control, or what stands for one: `[min, max]` and a number for a slider, a boolean for a checkbox, a string for a
 * field of text, another list or an object for a selection.
 */
export type Abbreviation =
  | AnyControl
  | boolean
  | string
  | number
  | readonly unknown[]
  | Readonly<Record<string, unknown>>;

/** The control that an abbreviation stands for. */
export type ControlOf<A> = A extends AnyControl
  ? A
  : A extends boolean
    ? Checkbox
    : A extends string
      ? TextField
      : A extends number | readonly [number, number]
        ? Slider
        : A extends readonly (infer T)[]
          ? Select<T>
          : A extends Readonly<Record<string, infer T>>
            ? Select<T>
            : never;

/** The values of that control. */
export type ValueOf<A> = ControlOf<A> extends { readonly value: infer T } ? T : never;

/** Makes the control that an abbreviation stands for, or returns the control that was given. */
export function toControl(name: string, abbreviation: Abbreviation): { control: AnyControl; isNew: boolean } {
  if (isControl(abbreviation)) {
    const { options } = abbreviation;
    if ("description" in options && options.description === "") options.description = name;
    return { control: abbreviation, isNew: false };
  }
  if (isModel(abbreviation)) {
    throw new TypeError(
      `interact: ${name} must be a control that has a value, which this has not: ${inspect(abbreviation)}`,
    );
  }
  return { control: makeControl(name, abbreviation), isNew: true };
}

function makeControl(description: string, value: Exclude<Abbreviation, AnyControl>): AnyControl {
  if (typeof value === "boolean") return checkbox({ description, value });
  if (typeof value === "string") return text({ description, value });
  if (typeof value === "number") return slider({ description, value, ...boundsAround(value) });
  if (typeof value === "object" && value !== null) {
    if (isPair(value)) return slider({ description, min: value[0], max: value[1], value: middleOf(value) });
    return select(value as readonly unknown[], { description });
  }
  throw new TypeError(
    `interact: ${description} must be a control, as from slider(), or a boolean, string, number, [min, max], list or object of choices`,
  );
}

function isControl(value: unknown): value is AnyControl {
  return typeof value === "object" && value !== null && "value" in value && "on" in value && "options" in value;
}

function isPair(value: object): value is readonly [number, number] {
  return Array.isArray(value) && value.length === 2 && value.every((part) => typeof part === "number");
}

function boundsAround(value: number): { min: number; max: number } {
  if (value === 0) return { min: 0, max: 1 };
  return value > 0 ? { min: -value, max: 3 * value } : { min: 3 * value, max: -value };
}

function middleOf([min, max]: readonly [number, number]): number {
  const middle = min + (max - min) / 2;
  return Number.isInteger(min) && Number.isInteger(max) ? Math.floor(middle) : middle;
}
