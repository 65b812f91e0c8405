import { join } from "node:path";
import vm from "node:vm";
import { type CompiledCell, compileCell } from "../../kernel/cell/compile.ts";
import type { MagicSyntax, MagicsInfo, TsconfigOptions } from "../../kernel/cell/options.ts";
import { type Scopes, createScopes } from "../../kernel/runtime/scope.ts";

/** One call that a cell made of a magic or of the help. */
export interface Call {
  readonly name: string;
  readonly call: Record<string, unknown>;
}

/** A notebook that runs compiled cells one after the other, without a kernel. */
export interface TestNotebook {
  readonly scopes: Scopes;
  readonly calls: Call[];
  /** Values that cell code awaited. */
  readonly waits: unknown[];
  readonly cells: CompiledCell[];
  run(source: string): Promise<unknown>;
}

const magics: Record<string, MagicSyntax> = {
  sql: { line: "template", cell: "template", arrow: true },
  sh: { line: "template" },
  time: { line: "code", cell: "code" },
  cd: { line: "text" },
  html: { cell: "text" },
};

/** What the scanner knows in these tests. */
export const magicsInfo: MagicsInfo = {
  magics: (name: string) => magics[name],
  suggest: (name) => `Did you mean %${Object.keys(magics).find((known) => known[0] === name[0]) ?? ""}?`,
};

/** Creates a notebook without names; modules are found from `folder`. */
export function createNotebook(tsconfig: TsconfigOptions = {}, folder: string = import.meta.dirname): TestNotebook {
  const scopes = createScopes();
  const calls: Call[] = [];
  const waits: unknown[] = [];
  const cells: CompiledCell[] = [];
  const cell = {
    declare: scopes.declare,
    open: scopes.open,
    seal: scopes.seal,
    bind: scopes.bind,
    wait: (value: unknown) => (waits.push(value), value),
    iterate: (value: unknown) => value,
    meta: { url: "file:///notebook" },
    async magic(name: string, call: Record<string, unknown>) {
      calls.push({ name, call });
      return typeof call["code"] === "function" ? await call["code"]() : `result of ${name}`;
    },
    inspect: async (name: string, level: number) => void calls.push({ name, call: { level } }),
  };
  async function run(source: string): Promise<unknown> {
    const name = `In[${cells.length + 1}]`;
    const filename = join(folder, `${name}.ts`);
    const compiled = compileCell(source, {
      name,
      filename,
      scope: scopes.indexOf,
      place: scopes.place,
      globals: (global) => global in globalThis,
      tsconfig,
      ...magicsInfo,
    });
    cells.push(compiled);
    const script = new vm.Script(compiled.js, {
      filename,
      importModuleDynamically: vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
    });
    const main = script.runInThisContext() as (...values: unknown[]) => Promise<{ value: unknown } | undefined>;
    return (await main.call(undefined, cell, ...scopes.objects))?.value;
  }
  return { scopes, calls, waits, cells, run };
}

/** Runs cells in a new notebook and returns what the last one gives. */
export async function runCells(...sources: string[]): Promise<unknown> {
  const notebook = createNotebook();
  let value: unknown;
  for (const source of sources) value = await notebook.run(source);
  return value;
}
