import { inspect } from "node:util";
import { type Control, type ControlOptions, createControl } from "./control.ts";
import type { State } from "./model.ts";
import { requireOptions } from "./names.ts";

/** What a slider can be given. */
export interface SliderOptions extends ControlOptions {
  readonly min?: number;
  readonly max?: number;
  /** Distance of the values: 1, or 0.1 where a bound or the value is no integer. */
  readonly step?: number;
  readonly orientation?: "horizontal" | "vertical";
  /** False hides the number beside the slider. */
  readonly readout?: boolean;
  /** How that number is written, in d3's format language: `d`, `.2f`, `.0%`. */
  readonly readoutFormat?: string;
  /** False tells of a change only when the person lets go. */
  readonly continuousUpdate?: boolean;
  readonly behavior?: "drag-tap" | "drag-snap" | "tap" | "drag" | "snap";
}

/** A slider with one handle. */
export type Slider = Control<number, SliderOptions>;

/** A slider with two handles: `[lower, upper]`. */
export type RangeSlider = Control<readonly [number, number], SliderOptions>;

/**
 * Makes a slider: `slider({ min: 0, max: 10 })`. It has integers, unless a bound, the step or the value is none.
 * With a pair as its value it has two handles.
 */
export function slider(options: SliderOptions & { readonly value: readonly [number, number] }): RangeSlider;
export function slider(options?: SliderOptions & { readonly value?: number }): Slider;
export function slider(
  options: SliderOptions & { readonly value?: number | readonly [number, number] } = {},
): Slider | RangeSlider {
  requireOptions(options, "slider({ min: 0, max: 10 })");
  const given = [options.value ?? []].flat().map((part): [string, unknown] => ["value", part]);
  checkNumbers([...given, ...Object.entries(options)]);
  const { value, min = Math.min(0, ...[value ?? 0].flat()), max = Math.max(100, ...[value ?? 0].flat()) } = options;
  if (min > max) throw new RangeError(`a slider's min must not be above its max: ${min} > ${max}`);
  const isFloat = [min, max, options.step ?? 1, ...[value ?? min].flat()].some((number) => !Number.isInteger(number));
  const kind = isFloat ? "Float" : "Int";
  const defaults = {
    behavior: "drag-tap",
    continuous_update: true,
    description: "",
    description_allow_html: false,
    disabled: false,
    max,
    min,
    orientation: "horizontal",
    readout: true,
    readout_format: isFloat ? ".2f" : "d",
    step: isFloat ? 0.1 : 1,
  };
  if (typeof value === "object") {
    return createControl<readonly [number, number], SliderOptions>(
      { name: `${kind}RangeSlider`, style: "SliderStyleModel", defaults: { ...defaults, value }, check: keepPair },
      { ...options },
      {
        name: "value",
        toWire: (pair) => pair,
        fromWire: (part) => part as [number, number],
      },
    );
  }
  return createControl<number, SliderOptions>(
    { name: `${kind}Slider`, style: "SliderStyleModel", defaults: { ...defaults, value: min }, check: keepNumber },
    { ...options },
    { name: "value", toWire: (number) => number, fromWire: Number },
  );
}

type Bounds = { readonly min: number; readonly max: number };

/** Refuses bounds, a step and parts of a value that are no numbers. */
function checkNumbers(entries: readonly (readonly [string, unknown])[]): void {
  for (const [name, number] of entries) {
    if (number === undefined || !/^(?:min|max|step|value)$/.test(name)) continue;
    if (name === "value" && Array.isArray(number)) continue; // its parts come by themselves
    if (typeof number !== "number" || !Number.isFinite(number)) {
      throw new TypeError(`a slider's ${name} must be a number, not ${inspect(number)}`);
    }
    if (name === "step" && number <= 0) throw new RangeError(`a slider's step must be above 0, not ${number}`);
  }
}

/** Reads the bounds after a change, and refuses those that leave nothing between them. */
function boundsAfter(changes: Readonly<State>, state: Readonly<State>): Bounds {
  const { min, max } = { ...state, ...changes } as unknown as Bounds;
  if (min > max) throw new RangeError(`a slider's min must not be above its max: ${min} > ${max}`);
  return { min, max };
}

function into(value: unknown, { min, max }: Bounds): number {
  if (typeof value !== "number" || Number.isNaN(value)) {
    throw new TypeError(`a slider's value must be a number, not ${inspect(value)}`);
  }
  return Math.min(max, Math.max(min, value));
}

/** Keeps the value between the bounds, whichever of them changes. */
function keepNumber(changes: Readonly<State>, state: Readonly<State>): Readonly<State> {
  checkNumbers(Object.entries({ ...changes, value: undefined }));
  if (!("value" in changes || "min" in changes || "max" in changes)) return changes;
  const bounds = boundsAfter(changes, state);
  return { ...changes, value: into(changes["value"] ?? state["value"], bounds) };
}

function keepPair(changes: Readonly<State>, state: Readonly<State>): Readonly<State> {
  checkNumbers(Object.entries({ ...changes, value: undefined }));
  if (!("value" in changes || "min" in changes || "max" in changes)) return changes;
  const bounds = boundsAfter(changes, state);
  const pair = changes["value"] ?? state["value"];
  if (!Array.isArray(pair) || pair.length !== 2) {
    throw new TypeError("a range's value must be a pair of numbers: [lower, upper]");
  }
  const [lower, upper] = pair.map((part) => into(part, bounds)) as [number, number];
  if (lower > upper) throw new RangeError(`a range's lower end must not be above its upper: ${lower} > ${upper}`);
  return { ...changes, value: [lower, upper] };
}
