import { type Control, type ControlOptions, createControl } from "./control.ts";
import { requireOptions } from "./names.ts";

/** What a text field can be given. */
export interface TextOptions extends ControlOptions {
  readonly value?: string;
  /** What the empty field shows. */
  readonly placeholder?: string;
  /** False tells of a change only at Enter, or when the person leaves the field. */
  readonly continuousUpdate?: boolean;
}

/** A line of text. */
export type TextField = Control<string, TextOptions>;

/** Makes a field for a line of text: `text({ description: "name" })`. */
export function text(options: TextOptions = {}): TextField {
  requireOptions(options, 'text({ description: "name", value: "Ada" })');
  const defaults = {
    continuous_update: true,
    description: "",
    description_allow_html: false,
    disabled: false,
    placeholder: "\u200B",
    value: "",
  };
  return createControl<string, TextOptions>(
    { name: "Text", style: "TextStyleModel", defaults, check: requireType("value", "string", "a text field") },
    { ...options },
    { name: "value", toWire: (value) => value, fromWire: String },
  );
}

/** What a checkbox can be given. */
export interface CheckboxOptions extends ControlOptions {
  readonly value?: boolean;
  /** False leaves out the space before the box, which aligns it with other controls. */
  readonly indent?: boolean;
}

/** A box that is ticked or not. */
export type Checkbox = Control<boolean, CheckboxOptions>;

/** Makes a checkbox: `checkbox({ description: "logarithmic" })`. */
export function checkbox(options: CheckboxOptions = {}): Checkbox {
  requireOptions(options, 'checkbox({ description: "logarithmic", value: true })');
  const defaults = {
    description: "",
    description_allow_html: false,
    disabled: false,
    indent: true,
    value: false,
  };
  return createControl<boolean, CheckboxOptions>(
    { name: "Checkbox", style: "CheckboxStyleModel", defaults, check: requireType("value", "boolean", "a checkbox") },
    { ...options },
    { name: "value", toWire: (value) => value, fromWire: Boolean },
  );
}

function requireType(
  name: string,
  type: "string" | "boolean",
  what: string,
): (changes: Readonly<Record<string, unknown>>) => Readonly<Record<string, unknown>> {
  return (changes) => {
    if (name in changes && typeof changes[name] !== type) {
      throw new TypeError(`${what}'s ${name} must be a ${type}, not ${String(changes[name])}`);
    }
    return changes;
  };
}
