import { inspect } from "node:util";
import { type WidgetBase, createControlModels } from "./control.ts";
import type { Layout } from "./layout.ts";
import type { Displayable } from "../mimebundle.ts";
import type { State } from "./model.ts";
import { requireOptions } from "./names.ts";
import { asView } from "./view.ts";
import { isModel } from "./wire.ts";

/** How a box looks. */
export interface BoxOptions {
  readonly boxStyle?: "success" | "info" | "warning" | "danger" | "";
  readonly layout?: Layout;
}

/** Anything that a box can hold. */
export interface BoxChild extends Displayable {
  readonly id: string;
}

/** Widgets in a row or a column. */
export interface Box extends WidgetBase {
  /** The widgets in it; set a new list to change it. */
  children: readonly BoxChild[];
}

/** Puts widgets side by side: `hbox([go, stop])`. */
export function hbox(children: readonly BoxChild[], options: BoxOptions = {}): Box {
  return box("HBox", children, options);
}

/** Puts widgets one below the other: `vbox([size, colour, go])`. */
export function vbox(children: readonly BoxChild[], options: BoxOptions = {}): Box {
  return box("VBox", children, options);
}

/** Creates a box; `classes` are CSS classes of its element. */
export function box(
  name: "HBox" | "VBox",
  children: readonly BoxChild[],
  options: BoxOptions,
  classes: readonly string[] = [],
): Box {
  const example = `${name.toLowerCase()}([slider(), checkbox()])`;
  requireOptions(options, `${name.toLowerCase()}([slider()], { boxStyle: "info" })`);
  let self: object | undefined;
  function check(changes: Readonly<State>): Readonly<State> {
    if ("children" in changes) checkChildren(changes["children"], self, example);
    return changes;
  }
  const defaults = { _dom_classes: classes, box_style: "", children };
  const { model, layout, close } = createControlModels({ name, defaults, check }, { ...options });
  const made = {
    id: model.id,
    get closed() {
      return model.closed;
    },
    layout: layout.parts,
    get children() {
      return model.get("children") as readonly BoxChild[];
    },
    set children(list) {
      model.set({ children: list });
    },
    close,
  };
  self = made;
  return asView(made, model.id, () => describeChildren(made.children));
}

function checkChildren(children: unknown, self: object | undefined, example: string): void {
  if (!Array.isArray(children)) {
    throw new TypeError(`a box holds a list of widgets, as in ${example}, not ${inspect(children, { depth: 0 })}`);
  }
  for (const [at, child] of children.entries()) {
    if (!isModel(child)) {
      throw new TypeError(`a box holds widgets, as in ${example}; number ${at + 1} is ${inspect(child, { depth: 0 })}`);
    }
    if (self && holds(child, self)) throw new TypeError("a box cannot be in itself");
  }
}

function holds(holder: object, wanted: object): boolean {
  if (holder === wanted) return true;
  const children = "children" in holder && Array.isArray(holder.children) ? (holder.children as unknown[]) : [];
  return children.some((child) => isModel(child) && holds(child, wanted));
}

function describeChildren(children: readonly BoxChild[]): string {
  const lines = children.map((child) => inspect(child)).filter((line) => line !== "");
  return lines.join("\n");
}
