import { readFileSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import type * as Esbuild from "esbuild";

/**
 * Finds the text of a widget's module or style sheet. It is given as text, as an address that the page loads,
 * or as a file: a `file:` URL or a path from the notebook's folder.
 */
export function readModuleText(source: string | URL, what: "esm" | "css"): string {
  const text = String(source);
  if (/^https?:\/\/\S+$/.test(text)) return text;
  const path = text.startsWith("file:") ? fileURLToPath(text) : text;
  const isFile = path !== text || (what === "css" ? /^\S+\.css$/ : /^\S+\.(?:[cm]?[jt]s|[jt]sx)$/).test(text);
  if (!isFile) return text;
  if (!statSync(path, { throwIfNoEntry: false })?.isFile()) {
    throw new Error(
      `${what}: there is no file ${path}. It is a path from the notebook's folder, a file: URL, or the text`,
    );
  }
  return /^\.(?:[cm]?ts|[jt]sx)$/.test(extname(path)) ? bundle(path) : readFileSync(path, "utf8");
}

/** Makes one module that a browser runs of TypeScript or JSX and what it imports. */
function bundle(path: string): string {
  // Loaded at first use, and by its name, since it stays outside our own bundle.
  const esbuild = createRequire(import.meta.url)("esbuild") as typeof Esbuild;
  try {
    const { outputFiles } = esbuild.buildSync({
      entryPoints: [path],
      bundle: true,
      format: "esm",
      write: false,
      logLevel: "silent",
      external: ["https://*", "http://*"],
    });
    return outputFiles[0]!.text;
  } catch (error) {
    throw new SyntaxError(`${path} cannot be bundled for the page: ${describeFailure(error as Esbuild.BuildFailure)}`);
  }
}

/** What esbuild found, each with its place in the file. */
function describeFailure({ errors, message }: Esbuild.BuildFailure): string {
  if (!Array.isArray(errors) || errors.length === 0) return message;
  const lines = errors.slice(0, 5).map(({ text, location }) => {
    const place = location ? `${location.file}:${location.line}:${location.column + 1}: ` : "";
    return `\n${place}${text}`;
  });
  const advice = errors.some(({ text }) => text.startsWith("Could not resolve"))
    ? "\nA package of the page is installed beside the notebook (%npm add), or imported from an https: address."
    : "";
  return lines.join("") + advice;
}
