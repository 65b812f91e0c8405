import { readFileSync, readdirSync } from "node:fs";
import { builtinModules } from "node:module";
import { dirname, join } from "node:path";
import { roots } from "./project.ts";
import type { LspDiagnostic } from "./protocol.ts";
import type { LanguageServer } from "./server.ts";

// Where several of Node's modules have a name, those that fit a cell best come first: a cell can await.
const preferred = [
  "node:fs/promises",
  "node:path",
  "node:fs",
  "node:os",
  "node:url",
  "node:util",
  "node:child_process",
  "node:crypto",
  "node:events",
  "node:timers/promises",
  "node:stream/promises",
  "node:stream",
  "node:readline/promises",
];
// Variants for one platform or another style of what is there by another name.
const leftOut =
  /^_|^(?:sys|punycode|constants|module|repl|domain|process|trace_events)$|\/(?:posix|win32|strict|common)$/;
const ownPackages = ["typhoon-kernel", "apache-arrow"];
const mostPackages = 30;
const mostFiles = 50;
const mostFound = 3;

/** Finds the imports that would declare names: from Node, the folder's packages and the modules in it. */
export async function findImports(
  server: LanguageServer,
  folder: string,
  names: readonly string[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  const modules = importable(folder);
  const tried = names.flatMap((name) => [
    ...modules.filter((module) => baseName(module) === name).map((module) => ({ name, module, what: name })),
    ...modules.map((module) => ({ name, module, what: `{ ${name} }` })),
  ]);
  // A line each, in a document that is always there: the server's errors tell which of them are right.
  const text = tried.map(({ what, module }) => `import ${what} from ${JSON.stringify(module)};`).join("\n");
  const path = join(folder, roots.probe);
  server.set(path, `${text}\n`);
  const answer = server.ask<{ items?: readonly LspDiagnostic[] }>("textDocument/diagnostic", path);
  server.set(path, "export {};");
  const { pid } = server;
  const { items = [] } = await answer;
  // Another server was asked about the document as it is now.
  if (server.pid !== pid) return new Map();
  const wrong = new Set<number>();
  for (const { range, severity = 1, code } of items) {
    // 2300 and 2440: that the lines declare one name is no matter.
    if (severity <= 2 && code !== 2300 && code !== 2440) wrong.add(range.start.line);
  }
  const found = new Map<string, string[]>();
  for (const [line, { name, what, module }] of tried.entries()) {
    if (wrong.has(line)) continue;
    const imports = found.get(name) ?? [];
    if (imports.length < mostFound) imports.push(`import ${what} from ${JSON.stringify(module)}`);
    found.set(name, imports);
  }
  return found;
}

/** The modules that cells of a folder are likely to import: Node's, those beside the notebook, the folder's packages. */
export function importable(folder: string): string[] {
  return [...nodeModules(), ...files(folder), ...new Set([...ownPackages, ...dependencies(folder)])];
}

function nodeModules(): string[] {
  const rest = builtinModules
    .filter((module) => !leftOut.test(module))
    .map((module) => (module.startsWith("node:") ? module : `node:${module}`));
  return [...new Set([...preferred, ...rest])];
}

/** What the nearest package.json asks for. */
function dependencies(folder: string): string[] {
  for (let at = folder; ; at = dirname(at)) {
    try {
      const manifest = JSON.parse(readFileSync(join(at, "package.json"), "utf8")) as Record<string, unknown>;
      const names = [manifest["dependencies"], manifest["devDependencies"]].flatMap((each) => Object.keys(each ?? {}));
      return names.filter((name) => !name.startsWith("@types/")).slice(0, mostPackages);
    } catch {
      if (at === dirname(at)) return [];
    }
  }
}

/** The modules beside the notebook. */
function files(folder: string): string[] {
  try {
    const names = readdirSync(folder).filter((name) => /(?<!\.d)\.[cm]?tsx?$/.test(name));
    return names.slice(0, mostFiles).map((name) => `./${name}`);
  } catch {
    return [];
  }
}

/** The name by which a module is known: `lodash-es` → `lodashEs`, `node:fs` → `fs`; none for a file. */
export function baseName(module: string): string | undefined {
  if (module.startsWith(".")) return undefined;
  return module
    .replace(/^node:|^@[^/]+\//, "")
    .replaceAll(/[-._]([a-z\d])/gi, (_, letter: string) => letter.toUpperCase());
}
