import { inspect } from "node:util";
import type { Displayable } from "../mimebundle.ts";
import { type Companion, type Layout, type Style, type StyleModel, createLayout, createStyle } from "./layout.ts";
import { type ChangeHandler, type Model, type ModelOptions, type State, createModel } from "./model.ts";
import { partsOf, requireHandler, toWireState } from "./names.ts";
import { asView } from "./view.ts";

/** What every control can be given. */
export interface ControlOptions {
  /** Text before the control. */
  readonly description?: string;
  readonly disabled?: boolean;
  /** Text that appears when the pointer rests on the control. */
  readonly tooltip?: string | null;
  readonly layout?: Layout;
  readonly style?: Style;
}

/** Something on the page with a state that the notebook shares. */
export interface WidgetBase extends Displayable {
  /** Id of its model, which front ends know. */
  readonly id: string;
  readonly closed: boolean;
  /** CSS of its outermost box; setting a part shows at once. */
  readonly layout: Layout;
  /** Takes it off the page, for good. */
  close(): void;
}

/** A control that has a value. As the value of a cell's last line, or by `display`, it is shown. */
export interface Control<T, Options extends object = object> extends WidgetBase, AsyncIterable<T> {
  value: T;
  /** What it was given, to be read and changed. */
  readonly options: { -readonly [name in keyof Omit<Options, "layout" | "style" | "value">]-?: Options[name] };
  readonly style: Style;
  /**
   * Adds a handler for changes, by the person or by code; returns what takes it away again.
   * What it prints and shows, and its errors, appear below the cell that added it.
   */
  on(handler: ChangeHandler<T>): () => void;
  /** Resolves with the next value. Other cells' handlers run while a cell awaits it. */
  next(): Promise<T>;
}

/** A control of the package `@jupyter-widgets/controls` 2.0. */
export interface ControlKind {
  /** `IntSlider` for IntSliderModel and IntSliderView. */
  readonly name: string;
  readonly style?: StyleModel;
  /** The state that is its own, by its names on the wire, with what it is by default. */
  readonly defaults: Readonly<State>;
  readonly check?: ModelOptions["check"];
}

/** The models of a control. */
export interface ControlParts {
  readonly model: Model;
  readonly layout: Companion<Layout>;
  readonly style: Companion<Style> | undefined;
  /** The state by our names. */
  readonly options: Record<string, unknown>;
  close(): void;
}

const controls = "@jupyter-widgets/controls";
const controlsVersion = "2.0.0";

/** Creates the models of a control: its own, its layout and its style. */
export function createControlModels(
  kind: ControlKind,
  given: Readonly<Record<string, unknown>>,
  module: string = controls,
  version: string = controlsVersion,
): ControlParts {
  const { layout: layoutGiven, style: styleGiven, ...options } = given;
  const names = Object.keys({ ...kind.defaults, tooltip: null, tabbable: null })
    .filter((name) => !name.startsWith("_"))
    .map((name) => name.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()));
  const own = toWireState(options, names, `a ${kind.name}`);
  const layout = createLayout(layoutGiven as Layout);
  const style = kind.style && createStyle(kind.style, styleGiven as Style);
  const state = { tabbable: null, tooltip: null, ...kind.defaults, ...own };
  const model = createModel(
    {
      _dom_classes: [],
      _model_module: module,
      _model_module_version: version,
      _model_name: `${kind.name}Model`,
      _view_count: null,
      _view_module: module,
      _view_module_version: version,
      _view_name: `${kind.name}View`,
      ...state,
      ...kind.check?.(state, state),
      layout: layout.reference,
      ...(style && { style: style.reference }),
    },
    kind.check ? { check: kind.check } : {},
  );
  return {
    model,
    layout,
    style,
    options: partsOf(model, names),
    close() {
      for (const each of [model, style?.model, layout.model]) each?.close();
    },
  };
}

/** How a control's value stands in its model's state. */
export interface ValueForm<T> {
  /** Name of the part of the state. */
  readonly name: string;
  toWire(value: T): unknown;
  fromWire(part: unknown): T;
}

/** Creates a control with a value. */
export function createControl<T, Options extends ControlOptions>(
  kind: ControlKind,
  given: Readonly<Record<string, unknown>>,
  { name, toWire, fromWire }: ValueForm<T>,
): Control<T, Options> {
  const { model, layout, style, options, close } = createControlModels(kind, given);
  async function* values(): AsyncGenerator<T> {
    for await (const part of model.changes(name)) yield fromWire(part);
  }
  const control: Omit<Control<T, Options>, symbol> & AsyncIterable<T> = {
    id: model.id,
    get closed() {
      return model.closed;
    },
    get value() {
      return fromWire(model.get(name));
    },
    set value(value) {
      model.set({ [name]: toWire(value) });
    },
    options: options as Control<T, Options>["options"],
    layout: layout.parts,
    style: style?.parts ?? {},
    on(handler) {
      requireHandler(handler, "size.on((now, old) => console.log(old, now))");
      return model.on(name, (value, old) => handler(fromWire(value), fromWire(old)));
    },
    next: async () => fromWire(await model.next(name)),
    close,
    [Symbol.asyncIterator]: values,
  };
  return asView(control, model.id, () => describeControl(kind, model, control.value)) as Control<T, Options>;
}

/** Says in a line what a control is: `IntSlider n = 3 (0 to 10)`. */
function describeControl(kind: ControlKind, model: Model, value: unknown): string {
  const description = model.get("description");
  const named = typeof description === "string" && description !== "" ? ` ${description}` : "";
  const [min, max] = [model.get("min"), model.get("max")];
  const bounds = typeof min === "number" && typeof max === "number" ? ` (${min} to ${max})` : "";
  return `${kind.name}${named} = ${inspect(value)}${bounds}`;
}
