import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import type { ExportOptions, SourceCell } from "../../kernel/export/export-options.ts";
import { toModule } from "../../kernel/export/module.ts";
import { magicSyntax, suggest } from "../../magics/index.ts";

/** Exports cells and returns the module without its first line; Node must be able to erase its types. */
function exported(cells: readonly (string | Partial<SourceCell>)[], options: Partial<ExportOptions> = {}): string {
  const { text } = write(cells, options);
  expect(() => stripTypeScriptTypes(text)).not.toThrow();
  return text.slice(text.indexOf("\n")).trim();
}

function write(cells: readonly (string | Partial<SourceCell>)[], options: Partial<ExportOptions> = {}) {
  const all = cells.map((cell, at): SourceCell => ({
    type: "code",
    label: `cell ${at + 1}`,
    source: "",
    ...(typeof cell === "string" ? { source: cell } : cell),
  }));
  return toModule(all, { title: "n.ipynb", folder: "/n", target: "/n", magics: magicSyntax, suggest, ...options });
}

/** Writes files into a new folder and returns its path. */
function folderWith(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), "typhoon-export-"));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return folder;
}

describe("the module reads like the notebook", () => {
  test("its comments, blank lines and formatting stay; Markdown and raw cells are comments", () => {
    const text = exported([
      { type: "markdown", source: "# Title\n\nSome *text*.\n" },
      "// adds\nconst  add = (a:number,b:number)=>a+b // two\n\n\n/* and */ add(1,\n  2)",
      { type: "raw", source: "raw" },
      "",
    ]);
    expect(text).toBe(
      [
        'import { display } from "typhoon-kernel";',
        "",
        "// # Title\n//\n// Some *text*.",
        "",
        "// adds\nconst  add = (a:number,b:number)=>a+b // two\n\n/* and */ display.result(add(1,\n  2))",
        "",
        "// raw",
      ].join("\n"),
    );
  });

  test("a comment above an import stays where it was", () => {
    expect(exported(['// the path module\nimport { join } from "node:path" // joins\njoin("a")'])).toBe(
      'import { join } from "node:path";\nimport { display } from "typhoon-kernel";\n\n// the path module\n// joins\ndisplay.result(join("a"))',
    );
    expect(exported(['// only this\nimport "node:path"'])).toBe('import "node:path";\n\n// only this');
  });

  test("the lines of a template inside of a function that is made stay as they are", () => {
    expect(exported(["%%capture out\nconst t = `a\n  b`\nconsole.log(t)"])).toContain(
      "const out = await capture(() => {\n  const t = `a\n  b`\n  return console.log(t)\n});",
    );
  });
});

describe("imports", () => {
  test("are merged, and names that are types only are imported as types", () => {
    const text = exported([
      'import fs from "node:fs"\nimport { join } from "node:path"',
      'import { join, type ParsedPath, sep } from "node:path"\nimport * as all from "node:path"\nimport { Stats } from "node:fs"',
      "let s: Stats | ParsedPath\n[fs, join, sep, all]",
    ]);
    expect(text).toContain('import fs from "node:fs";\nimport type { Stats } from "node:fs";');
    expect(text).toContain(
      'import * as all from "node:path";\nimport { type ParsedPath, join, sep } from "node:path";',
    );
  });

  test("get the extension, the folder and the attribute that plain Node needs", () => {
    const folder = folderWith({ "lib/clean.ts": "", "lib/index.ts": "", "data.json": "[]", "src/help.ts": "" });
    const cells = [
      'import { a } from "./lib/clean"\nimport { b } from "./lib/clean.js"\nimport c from "./lib"\nimport d from "./data.json"',
      'import { e } from "@/help"\nconst f = await import("./lib/clean")\nlet g: import("./lib/clean").T',
      "const h = __dirname + require('./data.json') + import.meta.dirname\n[a, b, c, d, e, f, h]",
    ];
    const paths = (specifier: string): string[] =>
      specifier.startsWith("@/") ? [join(folder, "src", specifier.slice(2))] : [];
    const text = exported(cells, { folder, target: join(folder, "out"), paths });
    expect(text).toContain('import d from "../data.json" with { type: "json" };');
    expect(text).toContain('import { a, b } from "../lib/clean.ts";\nimport c from "../lib/index.ts";');
    expect(text).toContain('import { e } from "../src/help.ts";');
    expect(text).toContain('await import("../lib/clean.ts")');
    expect(text).toContain('let g: import("../lib/clean.ts").T');
    expect(text).toContain('const require = createRequire(fileURLToPath(new URL("..", import.meta.url)) + "/");');
    expect(text).toContain('const __dirname = fileURLToPath(new URL("..", import.meta.url));');
    expect(text).toContain('require("../data.json")');
  });

  test("of tslab and of the API go to the package", () => {
    const text = exported(["import * as tslab from 'tslab'\nimport { figure } from 'typhoon-kernel'\nplot([], {})"]);
    expect(text).toContain('import { display, figure, plot } from "typhoon-kernel";');
    expect(text).toContain('import * as tslab from "typhoon-kernel/tslab";');
  });
});

describe("%run", () => {
  test("puts a file in its place, once the value of the last line, imports corrected", () => {
    const folder = folderWith({
      "lib/setup.ts": 'import { x } from "./x.ts"\nconst ready = x\nready',
      "lib/x.ts": "",
      "more.ipynb": JSON.stringify({ cells: [{ cell_type: "code", source: ["%run lib/setup.ts\n", "2"] }] }),
    });
    const options = { folder, target: folder };
    expect(exported(["%run lib/setup.ts"], options)).toBe(
      'import { display } from "typhoon-kernel";\nimport { x } from "./lib/x.ts";\n\nconst ready = x\ndisplay.result(ready)',
    );
    expect(exported(["1\n%run more.ipynb\n3"], options)).toMatch(
      /\n\n1\n\nconst ready = x\nready\n\n2\n\ndisplay\(3\)$/,
    );
  });

  test("of a file that is missing, unknown or runs itself is refused", () => {
    const folder = folderWith({ "loop.ts": "%run loop.ts" });
    const of = (source: string) => (): unknown => write([source], { folder, target: folder });
    expect(of("%run no.ts")).toThrow("cell 1: `%run no.ts` cannot be exported, as");
    expect(of("%run ${'x'}.ts")).toThrow("names its file only when it runs");
    expect(of("%run loop.ts")).toThrow("cell 1, loop.ts: `%run loop.ts` runs itself");
  });
});

describe("what is left out", () => {
  test.each([
    ["%npm add zod", "cell 1: `%npm add zod` is left out: packages are installed beside the module, by npm"],
    ["%typecheck block", "cell 1: `%typecheck block` is left out: it is about the notebook and its kernel"],
    ["%whos", "cell 1: `%whos` is left out"],
    ["prompt('x')", "`prompt` is a function of browsers and notebooks, which Node has not"],
  ])("%s is told", (source, note) => {
    expect(write([source]).notes.join()).toContain(note);
  });

  test("stays as a comment; a name that keeps its result has a value", () => {
    expect(exported(["%reset -f"])).toBe("// %reset -f\n// (left out: it is about the notebook and its kernel)");
    expect(exported(["const a = 1", "const names = %who\nnames"])).toContain('const names = ["a"];\ndisplay(names)');
    expect(exported(["rows?"])).toBe("// rows?");
    expect(exported([{ source: "let x =", tags: ["raises-exception"] }])).toContain("// cell 1 does not compile:");
    expect(exported([{ source: "1", tags: ["skip-export"] }])).toBe(
      "// cell 1 is left out, by its tag skip-export:\n// 1",
    );
  });
});

test.each([
  ["class A { @d #x() {} }", "a decorator on a private or computed member"],
  ["namespace A { export const x = 1 }\nnamespace A { export const y = 2 }", "A is declared in parts"],
  ["enum E { A }\nenum E { B = 1 }", "cell 1, line 2, column 1: E is declared in parts"],
  ["function f() {}\nfunction f() {}", "f is declared twice in this cell"],
  ["const x = ;", "cell 1, line 1, column 11"],
  ["%sql select 1\n%nope", "cell 1, line 2, column 1: no magic %nope"],
])("%j is refused with its place", (source, message) => {
  expect(() => write([source])).toThrow(message);
});

test("JSX becomes calls of what the tsconfig.json names", () => {
  const source = 'const e = <ul id="a">{[1].map((n) => <li key={n}>{n} of</li>)}<></></ul>';
  expect(exported([source])).toContain(
    'const e = React.createElement("ul", { id: "a" }, [1].map((n) => React.createElement("li", { key: n }, n, " of")), React.createElement(React.Fragment, null))',
  );
  const automatic = exported([source], { tsconfig: { jsx: "react-jsx", jsxImportSource: "preact" } });
  expect(automatic).toContain('import { Fragment, jsx, jsxs } from "preact/jsx-runtime";');
  expect(automatic).toContain('jsxs("ul", { id: "a", children: [');
  expect(exported(["const e = <a.b />"], { tsconfig: { jsxFactory: "h" } })).toContain("const e = h(a.b, null)");
});

test("a connection that is kept becomes its typed handle", () => {
  const text = exported([
    "const db = %connect sqlite:x.db --as local\nawait db.sql`select 1`",
    "%connect db",
    "const all = %connect",
  ]);
  expect(text).toContain('const db = await connect("sqlite:x.db", { as: "local" })');
  expect(text).toContain('await magic("connect", "db")');
  expect(text).toContain('const all = await magic("connect", "", undefined, { quiet: true })');
});

test("passwords in URLs are not written, and a note says what to write", () => {
  const cells = [
    "%connect postgresql://u:hunter2x@h/db --as shop",
    'const db = await connect("mysql://u:hunter2x@h/db?password=hunter3y");\nconst safe = `mysql://u:${process.env.PW}@h/d`;',
    { type: "markdown", source: "See redis://:hunter2x@h" } as const,
  ];
  const { text, notes } = write(cells);
  expect(text).not.toMatch(/hunter/);
  expect(text).toContain("postgresql://u:········@h/db --as shop");
  expect(text).toContain("`mysql://u:${process.env.PW}@h/d`");
  expect(notes.join()).toMatch(/password.*connections\.toml.*connect\("name"\)/);
  // A session's cells come without them.
  expect(write(["await connect('postgresql://u:········@h')"]).notes.join()).toMatch(/connections\.toml/);
  expect(write(["fetch('https://h/a@b'); const dots = '········'"]).notes.join()).not.toMatch(/password/);
});
