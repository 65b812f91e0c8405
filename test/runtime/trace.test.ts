import { writeFileSync } from "node:fs";
import { join } from "node:path";
import vm from "node:vm";
import { stripVTControlCharacters } from "node:util";
import { anything, assert, property, string } from "fast-check";
import { describe, expect, test } from "vitest";
import { CellSyntaxError } from "../../kernel/cell/errors.ts";
import { transformModule } from "../../kernel/runtime/module-source.ts";
import { type TraceOptions, formatError, raiseStackTraceLimit } from "../../kernel/runtime/trace.ts";
import { MagicError } from "../../magics/magic.ts";
import { createNotebookFolder } from "./notebook-folder.ts";

const folder = "/home/ada/book";

/** Runs TypeScript as cell 4 and returns the trace of what it throws. */
async function traceOf(source: string, colors = false): Promise<string> {
  const { code, map } = transformModule("cell.mts", source, {});
  const filename = join(folder, "In[4].ts");
  const wrapped = `((resolve, reject) => (async () => {\n${code}\n})().then(resolve, reject))`;
  const run = new vm.Script(wrapped, { filename }).runInThisContext() as (...settle: unknown[]) => void;
  const shifted = { ...map, mappings: `;${map.mappings}` };
  const options: TraceOptions = {
    colors,
    folder,
    cells: (file) => (file === filename ? { name: "In[4]", source, map: () => shifted } : undefined),
  };
  try {
    // From the event loop, so that no frame of the test is below the cell's.
    await new Promise((...settle) => void setImmediate(run, ...settle));
  } catch (error) {
    return formatError(error, options).traceback.join("\n");
  }
  throw new Error("the cell did not throw");
}

const none: TraceOptions = { colors: false, cells: () => undefined };
function refuse(): never {
  throw new Error("refused");
}

const shown = (error: unknown): string => formatError(error, none).traceback.join("\n");

describe("an error in a cell", () => {
  test("shows name, place, the lines that the user wrote, and the user's frames alone", async () => {
    const source = [
      "interface Unused { a: string }",
      "function half(n: number) {",
      "  if (n % 2) throw new RangeError(`odd: ${n}`)",
      "  return n / 2",
      "}",
      "half(3)",
    ].join("\n");
    expect((await traceOf(source)).split("\n")).toEqual([
      "RangeError: odd: 3",
      "   In[4]:3:14",
      "  1 │ interface Unused { a: string }",
      "  2 │ function half(n: number) {",
      "> 3 │   if (n % 2) throw new RangeError(`odd: ${n}`)",
      "    │              ^",
      "    at half (In[4]:3:14)",
      "    at In[4]:6:1",
    ]);
  });

  test("keeps async frames and native ones between the user's", async () => {
    const trace = await traceOf(
      "async function f() {\n  await 0\n  ;[1].map(() => { throw new Error('x') })\n}\nawait f()",
    );
    expect(trace).toContain("    at Array.map\n    at f (In[4]:3:8)\n    at async In[4]:5:1");
  });

  test("places code of eval where eval was called", async () => {
    expect(await traceOf("const a = 1\neval('null.x')")).toContain("at eval (In[4]:2:1)");
  });

  test("shows causes, the errors of an AggregateError, and own properties", async () => {
    const trace = await traceOf(
      "const e = Object.assign(new Error('low'), { code: 'ENOENT' })\n" +
        "Object.defineProperty(e, 'bad', { enumerable: true, get() { throw 1 } })\n" +
        "throw new AggregateError([e, 'text'], 'both', { cause: new TypeError('why') })",
    );
    expect(trace).toContain("AggregateError: both\n   In[4]:3:1");
    expect(trace).toContain("  [1/2]\n    Error: low");
    expect(trace).toContain("      code: 'ENOENT'\n      bad: [Getter]");
    expect(trace).toContain("Uncaught 'text'");
    expect(trace).toContain("Caused by TypeError: why");
  });

  test("survives a stack overflow and folds its frames", async () => {
    const trace = await traceOf("function r(): number { return r() + 1 }\nr()");
    expect(trace).toContain("RangeError: Maximum call stack size exceeded");
    expect(trace).toMatch(/… \d+ more times/);
    expect(trace.split("\n").length).toBeLessThan(12);
  });

  test("has colours on demand, and the same text", async () => {
    const [plain, coloured] = [await traceOf("null.x"), await traceOf("null.x", true)];
    expect(coloured).toContain("\u001B[31mTypeError\u001B[39m");
    expect(stripVTControlCharacters(coloured)).toBe(plain);
  });

  test("shows a part of a very long line", async () => {
    const trace = await traceOf(`const data = "${"x".repeat(100_000)}"; null.x`);
    expect(trace.length).toBeLessThan(1_000);
    expect(trace).toContain("; null.x");
  });
});

describe("an error in a module", () => {
  test("shows its relative path and the line that the user wrote, also after an edit", async () => {
    using notebook = createNotebookFolder();
    for (const word of ["old", "new"]) {
      notebook.write({
        "lib/a.ts": `enum E { A }\n\nexport function f(x: number): never {\n  throw new Error("${word}" + E.A)\n}`,
      });
      const error: unknown = await notebook
        .cell("(await import('./lib/a.ts')).f(1)")
        .catch((thrown: unknown) => thrown);
      const options = { ...none, folder: notebook.path, modules: notebook.modules.sourceOf };
      const { traceback } = formatError(error, options);
      expect(traceback.slice(0, 7)).toEqual([
        `Error: ${word}0`,
        "   lib/a.ts:4:3",
        "  2 │",
        "  3 │ export function f(x: number): never {",
        `> 4 │   throw new Error("${word}" + E.A)`,
        "    │   ^",
        "    at f (lib/a.ts:4:3)",
      ]);
    }
  });

  test("that does not parse shows the place and no stack", async () => {
    using notebook = createNotebookFolder({ "a.ts": "let a = 1\nlet z = ;", "b.js": "let a = 1\nexport let z = ;" });
    const options = { ...none, folder: notebook.path, modules: notebook.modules.sourceOf };
    for (const [file, column] of [
      ["a.ts", 9],
      ["b.js", 16],
    ] as const) {
      const error: unknown = await notebook.cell(`await import('./${file}')`).catch((thrown: unknown) => thrown);
      const { ename, traceback } = formatError(error, options);
      expect(ename).toBe("SyntaxError");
      expect(traceback[1]).toBe(`   ${file}:2:${column}`);
      expect(traceback.at(-1)).toBe(`    │ ${" ".repeat(column - 1)}^`);
    }
  });
});

test("a package or file that is missing shows the import", async () => {
  using notebook = createNotebookFolder({ "a.ts": "const x = 1\nexport * from 'zod'" });
  const source = "await import('./a.ts')\nawait import('./b.ts')";
  const cells = (file: string) => (file.includes("In[") ? { name: "In[1]", source } : undefined);
  const options = { ...none, cells, folder: notebook.path, modules: notebook.modules.sourceOf };
  const inModule: unknown = await notebook.cell("await import('./a.ts')").catch((thrown: unknown) => thrown);
  expect(formatError(inModule, options).traceback).toEqual([
    "ModuleNotFound: Cannot find package 'zod'. To install it, run `%npm add zod`",
    "   a.ts:2:15",
    "  1 │ const x = 1",
    "> 2 │ export * from 'zod'",
    "    │               ^",
  ]);
  const inCell: unknown = await notebook.cell("await import('./b.ts')").catch((thrown: unknown) => thrown);
  expect(formatError(inCell, options).traceback[1]).toBe("   In[1]:2:14");
});

describe("a value that is thrown", () => {
  test.for([
    ["text", (): unknown => "text", "Uncaught 'text'"],
    ["undefined", (): unknown => undefined, "Uncaught undefined"],
    ["null", (): unknown => null, "Uncaught null"],
    ["symbol", (): unknown => Symbol("s"), "Uncaught Symbol(s)"],
    ["object", (): unknown => ({ a: 1 }), "Uncaught { a: 1 }"],
    ["Proxy that refuses", (): unknown => new Proxy({}, { getPrototypeOf: refuse }), "Uncaught {}"],
  ] as const)("may be no error: %s", ([, make, expected]) => {
    expect(formatError(make(), none)).toMatchObject({ ename: "Uncaught", traceback: [expected] });
  });

  test("may be an error of another realm", () => {
    const error: unknown = vm.runInNewContext("new TypeError('there')");
    expect(formatError(error, none)).toMatchObject({ ename: "TypeError", evalue: "there" });
  });

  test("may be hostile", () => {
    const cyclic = new Error("round") as Error & { cause: unknown };
    cyclic.cause = cyclic;
    expect(shown(cyclic)).toContain("Caused by (an error shown above)");
    expect(shown(Object.defineProperty(new Error("a"), "stack", { get: refuse }))).toBe("Error: a");
    expect(shown(Object.defineProperty(new Error("a"), "message", { get: refuse }))).toBe("Error");
    expect(formatError(Object.assign(new Error("a"), { name: { no: 1 } }), none).ename).toBe("Error");
    expect(formatError(Object.assign(new Error("a"), { stack: [1, 2] }), none).traceback).toEqual(["Error: a"]);
    expect(formatError(Object.assign(new Error("x"), { message: 5 }), none).evalue).toBe("5");
    expect(
      formatError(new Error("a"), { ...none, cells: () => ({ name: "In[1]", source: "", map: refuse }) }).evalue,
    ).toBe("a");
  });

  test("takes the name of its class", () => {
    class Broken extends Error {}
    expect(formatError(new Broken("b"), none)).toMatchObject({ ename: "Broken", evalue: "b" });
  });

  test("has a bounded message", () => {
    expect(formatError(new Error("x".repeat(5_000_000)), none).evalue.length).toBeLessThan(11_000);
  });

  test("is always formatted", () => {
    const values = anything({ withNullPrototype: true, withBoxedValues: true });
    assert(
      property(values, string(), values, (name, message, stack) => {
        const { ename, evalue } = formatError(Object.assign(new Error(message), { name, stack }), none);
        expect([typeof ename, typeof evalue]).toEqual(["string", "string"]);
      }),
    );
  });
});

test("a magic's error is its message alone", () => {
  expect(shown(new MagicError("sql", "give a query"))).toBe("UsageError: %sql: give a query");
});

test("a cell's syntax error shows its place without a stack", () => {
  const source = "let b = 1\nlet a = ;";
  const error = new CellSyntaxError("Unexpected token", source, source.length - 1);
  expect(formatError(error, { ...none, compiling: { name: "In[2]", source } })).toEqual({
    ename: "SyntaxError",
    evalue: "Unexpected token",
    traceback: [
      "SyntaxError: Unexpected token",
      "   In[2]:2:9",
      "  1 │ let b = 1",
      "> 2 │ let a = ;",
      "    │         ^",
    ],
  });
});

test("a stack that user code formats its own way does not harm", () => {
  const before = Object.getOwnPropertyDescriptor(Error, "prepareStackTrace");
  Error.prepareStackTrace = (_, sites) => sites;
  try {
    expect(shown(new Error("a"))).toBe("Error: a");
  } finally {
    delete (Error as { prepareStackTrace?: unknown }).prepareStackTrace;
    if (before) Object.defineProperty(Error, "prepareStackTrace", before);
  }
});

test("enough of a stack is kept, and never less than the user wants", () => {
  const before = Error.stackTraceLimit;
  try {
    Error.stackTraceLimit = 10;
    raiseStackTraceLimit();
    expect(Error.stackTraceLimit).toBe(50);
    Error.stackTraceLimit = 200;
    raiseStackTraceLimit();
    expect(Error.stackTraceLimit).toBe(200);
  } finally {
    Error.stackTraceLimit = before;
  }
});

test("a plain JavaScript module shows its code", async () => {
  using notebook = createNotebookFolder();
  writeFileSync(join(notebook.path, "c.cjs"), "exports.f = () => null.x");
  const error: unknown = await notebook.cell("require('./c.cjs').f()").catch((thrown: unknown) => thrown);
  expect(formatError(error, { ...none, folder: notebook.path }).traceback.slice(1, 3)).toEqual([
    "   c.cjs:1:24",
    "> 1 │ exports.f = () => null.x",
  ]);
});
