import { toJson } from "./json.ts";
import type { MimeBundle } from "./mimebundle.ts";
import { isPlainObject, method, read } from "./property.ts";
import { formatCounted } from "./text.ts";

/** Shows a Vega or Vega-Lite specification, or a builder that has `toSpec()`; undefined for another value. */
export function vegaBundle(value: unknown): MimeBundle | undefined {
  const spec = isPlainObject(value) ? value : builtSpec(value);
  const schema = read(spec, "$schema");
  const [, language, major] = (typeof schema === "string" && /\/schema\/(vega|vega-lite)\/v(\d+)/.exec(schema)) || [];
  if (!language || !major) return undefined;
  const mime = `application/vnd.${language.replace("-", "")}.v${known(language, Number(major))}+json`;
  const text = `${language === "vega" ? "Vega" : "Vega-Lite"} v${major}${summary(spec)}`;
  return { data: { [mime]: toJson(spec), "text/plain": text }, metadata: {} };
}

/** Front ends know Vega 5 and Vega-Lite 3 to 5; they read newer specifications as the newest of these. */
function known(language: string, major: number): number {
  return language === "vega" ? 5 : Math.min(5, Math.max(3, major));
}

function builtSpec(value: unknown): unknown {
  try {
    return method(value, "toSpec")?.();
  } catch {
    return undefined;
  }
}

function summary(spec: unknown): string {
  const mark = read(spec, "mark");
  const name = typeof mark === "string" ? mark : read(mark, "type");
  const rows = read(read(spec, "data"), "values");
  const parts = [
    typeof name === "string" ? `mark ${name}` : "",
    Array.isArray(rows) ? formatCounted(rows.length, "row") : "",
  ].filter((part) => part !== "");
  return parts.length > 0 ? `: ${parts.join(", ")}` : "";
}

/** Shows a DOM element (of jsdom or another copy of the DOM) by its markup; undefined for another value. */
export function elementBundle(value: unknown): MimeBundle | undefined {
  const markup = read(value, "outerHTML");
  const name = read(value, "localName");
  if (read(value, "nodeType") !== 1 || typeof markup !== "string" || typeof name !== "string") return undefined;
  const mime = name === "svg" ? "image/svg+xml" : "text/html";
  const content = name === "svg" ? withNamespace(markup) : markup;
  return { data: { [mime]: content, "text/plain": `<${name}>` }, metadata: {} };
}

/** An SVG image must name its namespace, which the markup of an element in a page leaves out. */
function withNamespace(svg: string): string {
  return /^<svg[^>]*\sxmlns=/.test(svg) ? svg : svg.replace("<svg", `<svg xmlns="http://www.w3.org/2000/svg"`);
}
