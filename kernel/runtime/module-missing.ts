import { readdirSync } from "node:fs";
import { isBuiltin } from "node:module";
import { basename, dirname, extname, isAbsolute, relative } from "node:path";
import { packageName } from "../cell/packages.ts";

function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

function stem(name: string): string {
  return basename(name, extname(name)).toLowerCase();
}

/** Names in the file's folder that a person may have meant, nearest first, at most three. */
function nearNames(path: string): readonly string[] {
  const wanted = stem(path);
  const allowed = Math.max(1, Math.floor(wanted.length / 3));
  let names: readonly string[];
  try {
    names = readdirSync(dirname(path));
  } catch {
    return [];
  }
  return names
    .map((name) => ({ name, away: distance(wanted, stem(name)) }))
    .filter(({ name, away }) => away <= allowed && !name.startsWith(".") && !name.endsWith(".ipynb"))
    .toSorted((a, b) => a.away - b.away)
    .slice(0, 3)
    .map(({ name }) => name);
}

function codeOf(error: unknown): string {
  return String((error as { code?: unknown }).code);
}

/** Says whether Node's resolution found nothing, as opposed to finding something broken. */
export function isNotFound(error: unknown): boolean {
  return ["ERR_MODULE_NOT_FOUND", "MODULE_NOT_FOUND", "ERR_UNSUPPORTED_DIR_IMPORT"].includes(codeOf(error));
}

/** A file or package that the user's code imports is not there. */
class ModuleNotFound extends Error {
  /** Node's own code, which code that probes for a package reads. */
  readonly code: string;
  readonly specifier: string;
  /** Path of the cell or module that imports it. */
  readonly importer: string;
  constructor(message: string, code: string, specifier: string, importer: string) {
    super(message);
    this.code = code;
    this.specifier = specifier;
    this.importer = importer;
  }
}

/** Makes the error for a file (with the path that was tried) or a package that is not there, in place of Node's. */
export function notFound(specifier: string, importer: string, path: string | undefined, nodes: unknown): Error {
  const message = path === undefined ? missingPackage(specifier) : missingFile(specifier, importer, path);
  return new ModuleNotFound(message, codeOf(nodes), specifier, importer);
}

function missingPackage(specifier: string): string {
  const name = packageName(specifier);
  if (isBuiltin(name) || specifier.startsWith("node:")) return `Node has no built-in module '${specifier}'.`;
  return `Cannot find package '${name}'. To install it, run \`%npm add ${name}\``;
}

function missingFile(specifier: string, importer: string, path: string): string {
  const from = dirname(importer);
  const written = isAbsolute(specifier) || specifier.startsWith("file:") ? dirname(path) : dirname(specifier);
  const near = nearNames(path).map((name) => `'${written}/${name}'`);
  const hint =
    near.length > 0 ? ` Did you mean ${near.join(" or ")}?` : ` There is no ${relative(from, path) || path}.`;
  return `Cannot find module '${specifier}' from ${from}.${hint}`;
}
