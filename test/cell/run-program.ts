import { inspect } from "node:util";
import { stripTypeScriptTypes } from "node:module";
import vm from "node:vm";
import { transformSync } from "esbuild";
import { createNotebook } from "./run-cells.ts";

/* oxlint-disable no-extend-native -- programs show what they see in many ways, all of which end here */
// The text of a function is not the same, as it is compiled in two ways; nor are an error's message, where it speaks of
// a name before its declaration, and its stack.
Object.defineProperty(Function.prototype, Symbol.toPrimitive, { value: () => "a function" });
Object.defineProperties(Error.prototype, {
  [Symbol.toPrimitive]: { value: nameOf },
  [inspect.custom]: { value: nameOf },
});

/* oxlint-enable no-extend-native */

function nameOf(this: Error): string {
  return this.name;
}

/** What a program is given: it logs what it sees, and loops that turn too often end. */
function createTools(): { log: string[]; tools: Record<string, unknown> } {
  const log: string[] = [];
  let ticks = 0;
  // esbuild renames a function that hides another name: `b2` for `b`.
  const show = (value: unknown): string =>
    inspect(value, { depth: 4, breakLength: Infinity }).replaceAll(/\b([abc])\d\b/g, "$1");
  return {
    log,
    tools: {
      log: (...values: unknown[]) => void log.push(values.map(show).join(" ")),
      tick: () => {
        ticks += 1;
        if (ticks > 60) throw new RangeError("too many turns");
      },
      fns: [],
      res: (v: unknown) => ({
        v,
        [Symbol.dispose]: () => void log.push("disposed"),
        [Symbol.asyncDispose]: async () => void log.push("disposed later"),
      }),
      dec: (_: unknown, { kind }: { kind: string }) => void log.push(`@${kind}`),
    },
  };
}

async function settle(log: string[], run: () => Promise<unknown>): Promise<readonly string[]> {
  try {
    await run();
  } catch (error) {
    log.push(`threw ${inspect(error, { depth: 4 }).replaceAll(/\b([abc])\d\b/g, "$1")}`);
  }
  return log;
}

const importModule = new vm.Script("(url) => import(url)", {
  importModuleDynamically: vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
}).runInThisContext() as (url: string) => Promise<unknown>;

const options = {
  loader: "ts",
  format: "esm",
  target: "esnext",
  keepNames: true,
  supported: { decorators: false },
} as const;

let programs = 0;

/** Makes JavaScript of a program, by other tools than the kernel where that can be; undefined where it is no program. */
function toModule(source: string): string | undefined {
  try {
    return stripTypeScriptTypes(source, { mode: "strip" });
  } catch {
    // Enums, namespaces and the like cannot be merely left out, and V8 knows no decorators.
  }
  try {
    return transformSync(source, options).code;
  } catch {
    return undefined;
  }
}

/** Runs a program whole, as a module, and returns what it logged; undefined where it is no program. */
export async function runWhole(source: string): Promise<readonly string[] | undefined> {
  const module = toModule(`${source}\nexport {}`);
  if (module === undefined) return undefined;
  const { log, tools } = createTools();
  const place = `program ${(programs += 1)}`;
  Reflect.set(globalThis, place, tools);
  const code = `const { ${Object.keys(tools).join(", ")} } = globalThis["${place}"];\n${module}`;
  await settle(log, () => importModule(`data:text/javascript,${encodeURIComponent(code)}`));
  Reflect.deleteProperty(globalThis, place);
  return log.at(-1) === "threw SyntaxError" ? undefined : log;
}

/** Runs a program cell by cell, and returns what it logged. */
export async function runInCells(cells: readonly string[]): Promise<readonly string[]> {
  const { log, tools } = createTools();
  const notebook = createNotebook();
  for (const [name, value] of Object.entries(tools)) notebook.scopes.set(name, value);
  await settle(log, async () => {
    for (const cell of cells) await notebook.run(cell);
  });
  return log;
}
