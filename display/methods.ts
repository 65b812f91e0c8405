import { bytesOf, toBase64 } from "./image.ts";
import { inspectText } from "./inspect.ts";
import { toJson } from "./json.ts";
import { displaySymbol, type MimeBundle, type MimeData } from "./mimebundle.ts";
import { describeError, isObject, isPlainObject, method, read } from "./property.ts";

/** Methods by which values of several libraries bring one representation, by media type. */
const reprs: Readonly<Record<string, string>> = {
  _repr_html_: "text/html",
  _repr_svg_: "image/svg+xml",
  _repr_png_: "image/png",
  _repr_jpeg_: "image/jpeg",
  _repr_markdown_: "text/markdown",
  _repr_latex_: "text/latex",
  _repr_json_: "application/json",
  toHTML: "text/html",
};

/** Shows a value by its own display methods; undefined where it has none that answers. */
export function methodBundle(value: unknown): MimeBundle | Promise<MimeBundle> | undefined {
  return ownDisplay(value) ?? mimebundleMethod(value) ?? reprMethods(value);
}

function ownDisplay(value: unknown): MimeBundle | Promise<MimeBundle> | undefined {
  const call = method(value, displaySymbol);
  if (!call) return undefined;
  const finish = (data: unknown): MimeBundle =>
    isObject(data) && !Array.isArray(data)
      ? toBundle(value, data, {})
      : failed(
          value,
          '[Symbol.for("Jupyter.display")]',
          new TypeError('it returned no MIME data, as in { "text/plain": "…" }'),
        );
  return attempt(value, '[Symbol.for("Jupyter.display")]', call, finish);
}

function mimebundleMethod(value: unknown): MimeBundle | Promise<MimeBundle> | undefined {
  const call = method(value, "_repr_mimebundle_");
  if (!call) return undefined;
  return attempt(value, "_repr_mimebundle_", call, (result) => {
    const [data, metadata] = Array.isArray(result) ? result : [result, {}];
    if (!isObject(data)) return failed(value, "_repr_mimebundle_", new TypeError("it returned no MIME data"));
    return toBundle(value, data, isPlainObject(metadata) ? metadata : {});
  });
}

function reprMethods(value: unknown): MimeBundle | Promise<MimeBundle> | undefined {
  const calls = Object.entries(reprs).flatMap(([name, mime]) => {
    const call = method(value, name);
    return call ? [{ name, mime, call }] : [];
  });
  if (calls.length === 0) return undefined;
  const parts: (MimeBundle | Promise<MimeBundle>)[] = calls.map(({ name, mime, call }) =>
    attempt(value, name, call, (result) =>
      result === null || result === undefined ? { data: {}, metadata: {} } : toBundle(value, { [mime]: result }, {}),
    ),
  );
  const ready = parts.filter((part): part is MimeBundle => !isPromise(part));
  return ready.length === parts.length ? merge(ready) : mergeLater(parts);
}

async function mergeLater(parts: readonly (MimeBundle | Promise<MimeBundle>)[]): Promise<MimeBundle> {
  const bundles: MimeBundle[] = [];
  for (const part of parts) bundles.push(await part);
  return merge(bundles);
}

function merge(parts: readonly MimeBundle[]): MimeBundle {
  return {
    data: Object.assign({}, ...parts.map(({ data }) => data)) as MimeData,
    metadata: Object.assign({}, ...parts.map(({ metadata }) => metadata)) as Record<string, unknown>,
  };
}

/** Calls a display method, sync or async; what it throws is shown in the value's place. */
function attempt(
  value: unknown,
  name: string,
  call: () => unknown,
  finish: (result: unknown) => MimeBundle,
): MimeBundle | Promise<MimeBundle> {
  try {
    const result = call();
    if (!isPromise(result)) return finish(result);
    return Promise.resolve(result)
      .then(finish)
      .catch((error: unknown) => failed(value, name, error));
  } catch (error) {
    return failed(value, name, error);
  }
}

function isPromise(value: unknown): value is Promise<unknown> {
  return typeof read(value, "then") === "function";
}

function failed(value: unknown, name: string, error: unknown): MimeBundle {
  const text = `${name} of this value failed: ${describeError(error)}\n${inspectText(value)}`;
  return { data: { "text/plain": text }, metadata: {} };
}

/** Brings what a method returned into wire form: bytes as base64, JSON types as plain JSON, the rest as text. */
function toBundle(value: unknown, data: object, metadata: Record<string, unknown>): MimeBundle {
  const entries = Object.entries(data)
    .filter(([, content]) => content !== null && content !== undefined)
    .map(([mime, content]) => [mime, toContent(mime, content)] as const);
  const out: MimeData = Object.fromEntries(entries);
  out["text/plain"] ??= inspectText(value);
  return { data: out, metadata: toJson(metadata) as Record<string, unknown> };
}

function toContent(mime: string, content: unknown): unknown {
  const bytes = bytesOf(content);
  if (bytes) return mime.startsWith("text/") || mime.endsWith("+xml") ? Buffer.from(bytes).toString() : toBase64(bytes);
  if (typeof content === "string") return content;
  if (Array.isArray(content) && content.every((part) => typeof part === "string") && mime.startsWith("text/"))
    return content.join("");
  return /\bjson$/.test(mime) || isObject(content) ? toJson(content) : String(content);
}
