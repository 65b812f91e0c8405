import { createHash } from "node:crypto";
import { inspectText } from "../inspect.ts";
import { clip } from "../text.ts";
import type { WidgetBase } from "./control.ts";
import { type Layout, createLayout } from "./layout.ts";
import { type ChangeHandler, type MessageHandler, createModel } from "./model.ts";
import { readModuleText } from "./module-text.ts";
import { accessors, asView } from "./view.ts";
import type { Bytes } from "./wire.ts";

/** What a widget is made of. */
export interface WidgetOptions<S extends object> {
  /** An anywidget module, `export default { render({ model, el }) { … } }`: its text, a file, or an address. */
  readonly esm: string | URL;
  /** Its style sheet: text, a file, or an address. */
  readonly css?: string | URL;
  /** What the module reads by `model.get(name)`: JSON, and bytes as typed arrays, ArrayBuffer or DataView. */
  readonly state?: S;
  readonly layout?: Layout;
}

/** A widget with a module of its own in the page. */
export interface Widget<S extends object> extends WidgetBase {
  /**
   * The state that the page shares. Setting a part shows at once; what was changed inside of a value is seen when the
   * value is set again: `w.state.list = w.state.list`.
   */
  readonly state: S;
  /** Changes parts of the state in one message. */
  set(changes: Partial<S>): void;
  /**
   * Adds a handler for changes of a part, by the page or by code; returns what takes it away again.
   * What it prints and shows, and its errors, appear below the cell that added it.
   */
  on<K extends keyof S & string>(name: K, handler: ChangeHandler<S[K]>): () => void;
  /** Resolves with the next value of a part. */
  next<K extends keyof S & string>(name: K): Promise<S[K]>;
  /** The values of a part as they change; the newest only, where they change faster than the loop turns. */
  changes<K extends keyof S & string>(name: K): AsyncIterableIterator<S[K]>;
  /** Adds a handler for what the module sends by `model.send(content, callbacks, buffers)`. */
  onMessage(handler: MessageHandler): () => void;
  /** Sends content to the module's `model.on("msg:custom", (content, buffers) => …)`. */
  send(content: unknown, options?: { readonly buffers?: readonly Bytes[] }): void;
}

// Any version of anywidget that the front end has: the protocol between the two has stayed the same.
const anywidget = { module: "anywidget", version: "*" };

/** Makes a widget from an anywidget module: `widget({ esm, state: { count: 0 } })`. */
export function widget<S extends object = Record<string, never>>(options: WidgetOptions<S>): Widget<S> {
  if (typeof options !== "object" || (typeof options.esm !== "string" && !isUrl(options.esm))) {
    throw new TypeError(
      'widget needs a module: widget({ esm: "export default { render({ model, el }) { … } }", state: { count: 0 } })',
    );
  }
  const { esm, css, state = {} as S } = options;
  const names = Object.keys(state);
  const reserved = names.find((name) => name.startsWith("_") || name === "layout");
  if (reserved !== undefined) throw new TypeError(`a part of a widget's state must not be called "${reserved}"`);
  const texts = { _esm: readModuleText(esm, "esm"), ...(css !== undefined && { _css: readModuleText(css, "css") }) };
  const layout = createLayout(options.layout);
  const model = createModel({
    // Names the style element in the page: widgets of the same module share it.
    _anywidget_id: `typhoon-${createHash("sha256").update(JSON.stringify(texts)).digest("hex").slice(0, 16)}`,
    _dom_classes: [],
    _model_module: anywidget.module,
    _model_module_version: anywidget.version,
    _model_name: "AnyModel",
    _view_count: null,
    _view_module: anywidget.module,
    _view_module_version: anywidget.version,
    _view_name: "AnyView",
    ...texts,
    ...state,
    layout: layout.reference,
    tabbable: null,
    tooltip: null,
  });
  const shown = accessors(
    names,
    (name) => model.get(name),
    (name, value) => model.set({ [name]: value }),
  ) as S;
  function requireName(name: string): string {
    if (names.includes(name)) return name;
    throw new TypeError(`this widget's state has no "${name}"; it has ${names.join(", ") || "no parts"}`);
  }
  const made: Omit<Widget<S>, symbol> = {
    id: model.id,
    get closed() {
      return model.closed;
    },
    layout: layout.parts,
    state: shown,
    set(changes) {
      for (const name of Object.keys(changes)) requireName(name);
      model.set({ ...changes });
    },
    on: (name, handler) => model.on(requireName(name), handler as ChangeHandler<unknown>),
    next: (name) => model.next(requireName(name)) as Promise<S[typeof name]>,
    changes: (name) => model.changes(requireName(name)) as AsyncIterableIterator<S[typeof name]>,
    onMessage: model.onMessage,
    send: (content, { buffers = [] } = {}) => model.send(content, buffers),
    close() {
      model.close();
      layout.model.close();
    },
  };
  return asView(made, model.id, () => `widget ${clip(inspectText({ ...shown }), 500)}`) as Widget<S>;
}

function isUrl(value: unknown): value is URL {
  return Object.prototype.toString.call(value) === "[object URL]";
}
