import { markHandle } from "../handle.ts";
import { placeHere } from "../place.ts";
import { type ControlOptions, type WidgetBase, createControlModels } from "./control.ts";
import type { Style } from "./layout.ts";
import { isPlainObject } from "../property.ts";
import { requireHandler, requireOptions } from "./names.ts";
import { asView } from "./view.ts";

/** What a button can be given. */
export interface ButtonOptions extends Omit<ControlOptions, "description"> {
  readonly buttonStyle?: "primary" | "success" | "info" | "warning" | "danger" | "";
  /** Name of a Font Awesome icon: `check`. */
  readonly icon?: string;
}

/** A button. */
export interface Button extends WidgetBase, AsyncIterable<void> {
  /** What it was given, and its `description`, to be read and changed. */
  readonly options: { -readonly [name in keyof Omit<ButtonOptions, "layout" | "style">]-?: ButtonOptions[name] } & {
    description: string;
  };
  readonly style: Style;
  /** Adds a handler of clicks; what it prints appears below the cell that added it. Returns what takes it away again. */
  on(handler: () => unknown): () => void;
  /** Resolves at the next click. */
  next(): Promise<void>;
  /** Calls the handlers as a click does. */
  click(): Promise<void>;
}

/** Makes a button: `button("Train")`, or `button("Train", () => train())`. */
export function button(description: string, onClick?: () => unknown, options: ButtonOptions = {}): Button {
  const example = 'button("Train", () => train(), { icon: "check" })';
  if (typeof description !== "string") throw new TypeError(`a button needs its text, as in ${example}`);
  requireOptions(options, example);
  if (onClick !== undefined) requireHandler(onClick, example);
  const defaults = { button_style: "", description, disabled: false, icon: "" };
  const kind = { name: "Button", style: "ButtonStyleModel", defaults } as const;
  const { model, layout, style, options: shown, close } = createControlModels(kind, { ...options });
  const handlers = new Set<() => Promise<void>>();
  async function* clicks(): AsyncGenerator<void> {
    for await (const _ of model.changes("click")) yield;
  }
  async function click(): Promise<void> {
    model.wake("click");
    await Promise.all(Array.from(handlers, (handler) => handler()));
  }
  // The handlers have their places; the listener itself has nothing to write.
  model.onMessage((content) => (isPlainObject(content) && content["event"] === "click" ? click() : undefined));
  const made: Omit<Button, symbol> & AsyncIterable<void> = {
    id: model.id,
    get closed() {
      return model.closed;
    },
    options: shown as Button["options"],
    layout: layout.parts,
    style: style!.parts,
    on(handler) {
      requireHandler(handler, 'go.on(() => console.log("clicked"))');
      const place = placeHere();
      const run = (): Promise<void> => place.run(() => handler());
      handlers.add(run);
      return markHandle(() => void handlers.delete(run));
    },
    next: () => model.next("click") as Promise<void>,
    click,
    close,
    [Symbol.asyncIterator]: clicks,
  };
  if (onClick) made.on(onClick);
  return asView(made, model.id, () => `Button ${JSON.stringify(shown["description"])}`) as Button;
}
