import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { toMimeBundle } from "./bundle.ts";
import { type DisplayHandle, isHandle, markHandle } from "./handle.ts";
import { bytesOf, imageBundle, type ImageOptions, toBase64 } from "./image.ts";
import { inspectText } from "./inspect.ts";
import { toJson } from "./json.ts";
import { firstOf } from "./late.ts";
import type { MimeBundle, MimeData } from "./mimebundle.ts";
import { currentOutput, type Output } from "./output.ts";
import { describeError, isObject, isPlainObject, toText } from "./property.ts";
import { checkRoom, inOrder, whenMade } from "./queue.ts";
import { escapeHtml } from "./text.ts";

export type { DisplayHandle } from "./handle.ts";
export { settled } from "./queue.ts";

/** How to show a value. */
export interface DisplayOptions {
  /** Name by which later updates find the display; made up where absent. */
  readonly displayId?: string;
  /** How to render, by media type; joined with the value's own. */
  readonly metadata?: Readonly<Record<string, unknown>>;
}

/** Writes one kind of text: `display.html("<b>…</b>")`, or a template. */
export interface TextDisplay {
  (text: unknown, options?: DisplayOptions): DisplayHandle;
  (strings: TemplateStringsArray, ...values: readonly unknown[]): DisplayHandle;
}

/** Shows values in the notebook, now. */
export interface Display {
  (value: unknown, options?: DisplayOptions): DisplayHandle;
  /** HTML. In a template, values are escaped; HTML made by `display.html` is not escaped twice. */
  readonly html: TextDisplay & {
    /** Makes HTML to put into another template or return from a cell, and shows nothing yet. */
    fragment(strings: TemplateStringsArray, ...values: readonly unknown[]): HtmlFragment;
  };
  readonly markdown: TextDisplay;
  readonly latex: TextDisplay;
  readonly svg: TextDisplay;
  readonly mermaid: TextDisplay;
  readonly javascript: TextDisplay;
  readonly text: TextDisplay;
  json(value: unknown, options?: DisplayOptions): DisplayHandle;
  png(bytes: Uint8Array | string, options?: ImageOptions): DisplayHandle;
  jpeg(bytes: Uint8Array | string, options?: ImageOptions): DisplayHandle;
  gif(bytes: Uint8Array | string, options?: ImageOptions): DisplayHandle;
  /** An image by its bytes, path, file: or http(s): URL, or data URL. */
  image(source: Uint8Array | string | URL, options?: ImageOptions): DisplayHandle;
  /** MIME data as it is. */
  raw(data: MimeData, metadata?: Readonly<Record<string, unknown>>): DisplayHandle;
  /** Shows a value as the last line of a cell does: nothing for `undefined`, and nothing for a display that was shown. */
  result(value: unknown): void;
  /** Clears the cell's output; with `wait`, when the next output comes. */
  clear(options?: { readonly wait?: boolean }): void;
}

/** Escaped HTML. */
export interface HtmlFragment {
  readonly html: string;
  [Symbol.toPrimitive](): string;
}

const fragments = new WeakMap<object, string>();

/** Shows a value, or its parts by kind: `display(value)`, `display.markdown("**bold**")`. */
export const display: Display = Object.assign(
  (value: unknown, ...rest: readonly unknown[]) =>
    show(toBundle(value), readOptions("display", rest), () => inspectText(value)),
  {
    html: Object.assign(textDisplay("display.html", "text/html", asHtml), { fragment }),
    markdown: textDisplay("display.markdown", "text/markdown"),
    latex: textDisplay("display.latex", "text/latex"),
    svg: textDisplay("display.svg", "image/svg+xml", asHtml),
    mermaid: textDisplay("display.mermaid", "text/vnd.mermaid"),
    javascript: textDisplay("display.javascript", "application/javascript"),
    text: textDisplay("display.text", "text/plain"),
    json: (value: unknown, options: DisplayOptions = {}) => {
      const data = { "application/json": toJson(value), "text/plain": plainJson(value) };
      return show({ data, metadata: {} }, readOptions("display.json", [options]));
    },
    png: imageDisplay("image/png"),
    jpeg: imageDisplay("image/jpeg"),
    gif: imageDisplay("image/gif"),
    image: (source: Uint8Array | string | URL, options: ImageOptions = {}) =>
      show(loadImage(source, options, currentOutput().signal), {}, () => `image${nameOf(source)}`),
    raw: (data: MimeData, metadata: Readonly<Record<string, unknown>> = {}) =>
      show({ data, metadata: { ...metadata } }, {}),
    result: (value: unknown) => {
      if (value !== undefined && !(isObject(value) && isHandle(value)))
        show(toBundle(value), {}, () => inspectText(value));
    },
    clear: ({ wait = false }: { readonly wait?: boolean } = {}) => {
      const output = currentOutput();
      inOrder(output, undefined, () => output.clear(wait));
    },
  },
);

const optionNames: readonly string[] = ["displayId", "metadata"] satisfies (keyof DisplayOptions)[];

/** Reads what follows the value, so that a second value meant to be shown is not lost. */
function readOptions(name: string, [options, ...more]: readonly unknown[]): DisplayOptions {
  if (options === undefined && more.length === 0) return {};
  if (more.length === 0 && isPlainObject(options) && Object.keys(options).every((key) => optionNames.includes(key)))
    return options;
  throw new TypeError(
    `${name} shows one value: call it once for each, or ${name === "display" ? "show a list, as in display([1, 2])" : "join the text"}. ` +
      "What may follow the value are options, as in { displayId, metadata }",
  );
}

function toBundle(value: unknown): MimeBundle | Promise<MimeBundle> {
  const html = typeof value === "object" && value !== null ? fragments.get(value) : undefined;
  if (html !== undefined) return textBundle("text/html", html);
  return toMimeBundle(value, { late: currentOutput().showsText !== true });
}

/** Shows a bundle; `describe` says in text what comes, for where it has to wait. */
function show(
  bundle: MimeBundle | Promise<MimeBundle>,
  options: DisplayOptions,
  describe: () => string = () => "",
): DisplayHandle {
  const output = currentOutput();
  const id = options.displayId ?? randomUUID();
  write(output, id, bundle, options.metadata ?? {}, false, describe);
  return markHandle({
    id,
    // A later cell's update belongs to that cell's output; the front end finds the place by the id.
    update: (value) => write(currentOutput(), id, toBundle(value), options.metadata ?? {}, true),
    clear: () => write(currentOutput(), id, textBundle("text/plain", ""), {}, true),
  });
}

/** The latest call for each display that waits for its bundle or the rest of it: it must not overwrite a newer one. */
const awaited = new Map<string, symbol>();

const longestDescription = 100;

function write(
  output: Output,
  displayId: string,
  bundle: MimeBundle | Promise<MimeBundle>,
  metadata: Readonly<Record<string, unknown>>,
  update: boolean,
  describe: () => string = () => "",
): void {
  if ("then" in bundle) checkRoom(output);
  const put = (made: MimeBundle, options: { update: boolean; late?: boolean }): void =>
    output.display({ data: made.data, metadata: { ...made.metadata, ...metadata } }, { displayId, ...options });
  const first = firstOf(bundle);
  const call = Symbol(displayId);
  const isLatest = (): boolean => awaited.get(displayId) === call && awaited.delete(displayId);
  if ("then" in bundle) awaited.set(displayId, call);
  else awaited.delete(displayId);
  inOrder(
    output,
    first ?? bundle,
    (made, reserved) => {
      if (!made || (reserved && !isLatest())) return;
      put(made, { update: update || reserved });
      if (!first) isLatest();
    },
    () => {
      if (!update) put(textBundle("text/plain", shorten(describe())), { update });
    },
  );
  if (first && "then" in bundle) {
    whenMade(output, bundle, (whole) => isLatest() && put(whole, { update: true, late: true }));
  }
}

function shorten(description: string): string {
  const [line = ""] = description.split("\n", 1);
  return `${line.length > longestDescription ? line.slice(0, longestDescription) : line} …`;
}

function textBundle(mime: string, text: string): MimeBundle {
  return { data: mime === "text/plain" ? { [mime]: text } : { [mime]: text, "text/plain": text }, metadata: {} };
}

function textDisplay(
  name: string,
  mime: string,
  join: (strings: readonly string[], values: readonly unknown[]) => string = asText,
): TextDisplay {
  return (text: unknown, ...rest: readonly unknown[]) => {
    const template = isTemplate(text);
    const made = isObject(text) ? fragments.get(text) : undefined;
    const content = template ? join(text, rest) : (made ?? toText(text));
    const handle = show(textBundle(mime, content), template ? {} : readOptions(name, rest));
    if (mime === "text/html" || mime === "image/svg+xml") fragments.set(handle, content);
    return handle;
  };
}

/** Tells the call as a template from a list given as the text. */
function isTemplate(value: unknown): value is TemplateStringsArray {
  return Array.isArray(value) && "raw" in value;
}

function asText(strings: readonly string[], values: readonly unknown[]): string {
  return strings.reduce((text, part, at) => text + toText(values[at - 1]) + part);
}

function asHtml(strings: readonly string[], values: readonly unknown[]): string {
  return strings.reduce((html, part, at) => html + htmlOf(values[at - 1]) + part);
}

/** Writes a value into HTML: fragments as they are, lists item by item, nothing for null, the rest escaped. */
function htmlOf(value: unknown): string {
  if (value === null || value === undefined || value === false) return "";
  if (Array.isArray(value)) return value.map(htmlOf).join("");
  const html = typeof value === "object" ? fragments.get(value) : undefined;
  return html ?? escapeHtml(toText(value));
}

function fragment(strings: TemplateStringsArray, ...values: readonly unknown[]): HtmlFragment {
  const html = asHtml(strings, values);
  const made = {
    html,
    [Symbol.toPrimitive]: () => html,
    [Symbol.for("Jupyter.display")]: () => ({ "text/html": html, "text/plain": html }),
  };
  fragments.set(made, html);
  return made;
}

function plainJson(value: unknown): string {
  return JSON.stringify(toJson(value), undefined, 2);
}

/** Shows bytes, or base64 of them, as the kind of image that the caller names. */
function imageDisplay(mime: string): Display["png"] {
  return (bytes, { alt, ...size } = {}) => {
    const content = typeof bytes === "string" ? bytes : toBase64(bytes);
    const text = alt ?? `${mime.slice("image/".length).toUpperCase()} image`;
    return show({ data: { [mime]: content, "text/plain": text }, metadata: { [mime]: size } }, {});
  };
}

async function loadImage(
  source: Uint8Array | string | URL,
  options: ImageOptions,
  signal: AbortSignal,
): Promise<MimeBundle> {
  try {
    const bytes = bytesOf(source) ?? (await readImage(String(source), signal));
    const bundle = imageBundle(bytes, options);
    if (bundle) return bundle;
    const text = Buffer.from(bytes).toString();
    if (/<svg[\s>]/.test(text.slice(0, 4_096))) return textBundle("image/svg+xml", text);
    throw new TypeError("not a PNG, JPEG, GIF, WebP or SVG image");
  } catch (error) {
    return textBundle("text/plain", `image${nameOf(source)} not shown: ${describeError(error)}`);
  }
}

function nameOf(source: Uint8Array | string | URL): string {
  return typeof source === "string" || "href" in source ? ` ${String(source).slice(0, 200)}` : "";
}

async function readImage(source: string, signal: AbortSignal): Promise<Uint8Array> {
  if (source.startsWith("file:")) return readFile(fileURLToPath(source), { signal });
  if (!/^(?:https?|data):/.test(source)) return readFile(source, { signal });
  const response = await fetch(source, { signal });
  if (!response.ok) throw new Error(`the server answered ${response.status}`);
  return new Uint8Array(await response.arrayBuffer());
}
