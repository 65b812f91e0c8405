import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Completed, completeAt } from "./completing.ts";
import { type TestKernel, startTestKernel } from "./harness.ts";

let kernel: TestKernel;
beforeAll(async () => {
  const folder = mkdtempSync(join(tmpdir(), "typhoon-complete-"));
  mkdirSync(join(folder, "node_modules/tiny-typed"), { recursive: true });
  writeFileSync(
    join(folder, "node_modules/tiny-typed/package.json"),
    `{"name":"tiny-typed","exports":{".":{"types":"./i.d.ts"},"./extra":{"types":"./i.d.ts"}}}`,
  );
  writeFileSync(
    join(folder, "node_modules/tiny-typed/i.d.ts"),
    "/** Mends things. */ export function mendAll(n: number): string;",
  );
  mkdirSync(join(folder, "data"), { recursive: true });
  for (const name of ["a.ipynb", "b.csv", "c.sqlite", "d.node"]) writeFileSync(join(folder, "data", name), "");
  writeFileSync(join(folder, "shapes.ts"), "export const area = (w: number, h: number) => w * h;");
  // Where cells are checked before they run, the server has answered before the first question.
  kernel = await startTestKernel({ folder, env: { TYPHOON_TYPECHECK: "block" } });
  await kernel.run("interface Person { name: string; age: number }\n/** All of us. */\nconst people: Person[] = []");
  await kernel.run("let anything: any = { alpha: 1, beta: 2 }; enum Color { Red, Green }");
  await kernel.run("const ages = new Map([['Ann', 1], ['Bob', 2]])");
  await kernel.run("const t = %sql select 1::integer as one, 'x' as name");
});
afterAll(() => kernel.shutdown());

const complete = (marked: string): Promise<Completed> => completeAt(kernel, marked);

describe("completion by types", () => {
  test("exports of a module that the last cell has written", async () => {
    for (const name of ["early", "later"]) {
      await kernel.run(`%%writefile written.ts\nexport const ${name} = 1`);
      expect((await complete("import { ‸ } from './written.ts'")).matches).toContain(name);
    }
  });

  test.for([
    ["members of a value of another cell", "people.fil‸", ["fill", "filter"]],
    ["members of an element", "people.map((p) => p.‸)", ["age", "name"]],
    ["members behind a question mark", "const q = people.at(0)?.‸", ["age", "name"]],
    ["columns of a query", "t.get(0)!.‸", ["name", "one", "toArray", "toJSON", "toString"]],
    ["an enum's members", "Color.‸", ["Green", "Red"]],
    ["keys of an object literal", "const p: Person = { ‸", ["age", "name"]],
    ["string literals", "const d: 'north' | 'south' = '‸'", ["north", "south"]],
    ["an index", 'people[0]!["‸', ["age", "name"]],
    ["exports of a module", "import { ar‸ } from './shapes.ts'", ["area"]],
    ["exports of a package", "import { men‸ } from 'tiny-typed'", ["mendAll"]],
    ["names of types", "let z: Pers‸", ["Person"]],
    ["a subpath of a package", "import {} from 'tiny-typed/ex‸'", ["extra"]],
    ["keys of a map", 'ages.get("‸', ["Ann", "Bob"]],
    ["keys of a map that begin so", 'ages.has("B‸")', ["Bob"]],
    ["no files that cannot be imported", "import x from './data/‸", ["./data/d.node"]],
    ["an unknown path", "import {} from './nowhere/‸'", []],
    ["a property of a template", "`${people.len‸}`", ["length"]],
    ["an index signature", "const key: keyof Person = '‸'", ["age", "name"]],
    ["a label of an enum", "const c: Color = Color.‸", ["Green", "Red"]],
    ["a type's parameter", "type A = Pick<Person, '‸'>", ["age", "name"]],
    ["nothing in a comment", "// peop‸", []],
    ["nothing in a text", "const s = 'peop‸'", []],
    ["nothing in a template's text", "`peop‸`", []],
    ["nothing in a regular expression", "const r = /peop‸", []],
    ["nothing where a name is made", "const peop‸", []],
    ["nothing where a parameter is made", "function f(peop‸", []],
    ["nothing in a number", "1.‸", []],
    ["code of a magic", "%time people.fil‸", ["fill", "filter"]],
    ["an expression in a magic", "%sql select ${people.len‸}", ["length"]],
  ] as const)("%s", async ([, code, expected]) => {
    expect((await complete(code)).matches).toEqual(expected);
  });

  test("where types say any, the live value does", async () => {
    expect((await complete("anything.‸")).matches.slice(0, 2)).toEqual(["alpha", "beta"]);
  });

  test("packages, files and magics", async () => {
    expect((await complete("import {} from 'tiny‸")).matches).toContain("tiny-typed");
    const file = await complete("import {} from './sh‸'");
    expect(file.matches.map(file.apply)).toEqual(["import {} from './shapes.ts'"]);
    expect((await complete("%typ‸")).matches).toEqual(["typecheck"]);
  });

  test("the notebook's names come first, with kinds; keywords and globals follow", async () => {
    const { matches, types } = await complete("peo‸");
    expect(matches[0]).toBe("people");
    expect(types[0]).toMatchObject({ text: "people", start: 0, end: 3 });
    const { matches: all } = await complete("p‸");
    expect(all.indexOf("people")).toBeLessThan(all.indexOf("process"));
    expect(all.filter((name) => name.startsWith("__nb"))).toEqual([]);
  });

  test("a function has its type and signature", async () => {
    const { types } = await complete("people.inclu‸");
    expect(types).toEqual([
      {
        start: 7,
        end: 12,
        text: "includes",
        type: "method",
        signature: "(searchElement: Person, fromIndex?: number): boolean",
      },
    ]);
  });

  test("places count code points", async () => {
    const { matches, apply } = await complete("const s = '😀😀'; people.filt‸; 'end'");
    expect(apply(matches[0]!)).toBe("const s = '😀😀'; people.filter; 'end'");
  });

  test("a member of what may be missing brings its question mark", async () => {
    const { matches, apply } = await complete("people.at(0).‸");
    expect(matches).toEqual(["?.age", "?.name"]);
    expect(apply(matches[0]!)).toBe("people.at(0)?.age");
  });

  test("own declarations of the cell count, also while it does not parse", async () => {
    expect((await complete("const people = 'text'; people.charC‸")).matches).toEqual(["charCodeAt"]);
    expect((await complete("function f() { const people = 5; people.toF‸")).matches).toEqual(["toFixed"]);
  });

  test("answers while a cell runs", async () => {
    const run = kernel.run("for (;;);");
    expect((await complete("people.fil‸")).matches).toEqual(["fill", "filter"]);
    kernel.send("interrupt_request", {}, { channel: "control" });
    expect((await run).reply.status).toBe("error");
  });
});

describe("inspection by types", () => {
  async function inspect(marked: string, detail: 0 | 1 = 0): Promise<string> {
    const at = marked.indexOf("‸");
    const code = marked.replace("‸", "");
    const { reply } = await kernel.request("inspect_request", { code, cursor_pos: at, detail_level: detail });
    return reply.found ? String(reply.data["text/markdown"]) : "";
  }

  test("a variable: its type, its documentation, its value", async () => {
    const text = await inspect("peop‸le");
    expect(text).toContain("const people: Person[]");
    expect(text).toContain("All of us.");
    expect(text).toContain("people**: Array(0)");
    expect(text).not.toContain("__nb");
  });

  test("behind the name, as a prompt asks", async () => {
    expect(await inspect("people‸")).toContain("const people: Person[]");
  });

  test("a name that only types have", async () => {
    expect(await inspect("let z: Perso‸n")).toContain("interface Person");
  });

  test("a function with documentation", async () => {
    expect(await inspect("parseIn‸t('1')")).toContain("Converts a string to an integer.");
  });

  test("a call: the signature and the parameter at the cursor", async () => {
    const text = await inspect("parseInt('1', ‸");
    expect(text).toContain("parseInt(string: string, radix?: number): number");
    expect(text).toContain("**radix?: number**");
  });

  test("the source at detail 1", async () => {
    await kernel.run("function twice(n: number) { return n * 2 }");
    expect(await inspect("twi‸ce")).not.toContain("n * 2");
    const text = await inspect("twi‸ce", 1);
    expect(text).toContain("function twice(n: number): number");
    expect(text).toContain("n * 2");
  });

  test.for(["Per‸son", "Person‸;", "const one = 1\nPerson‸\none"])("a type alone on its line: %s", async (marked) => {
    expect(await inspect(marked)).toContain("interface Person");
  });

  test("a table's columns", async () => {
    expect(await inspect("‸t")).toMatch(/const t: Table<\{\s*one: Int32;\s*name: Utf8;?\s*\}>/);
    expect(await inspect("‸t")).toContain("1 row × 2 columns: one, name");
  });

  test.for(["people?", "?people", "Person?"])("the page of %s", async (question) => {
    const { reply } = await kernel.run(question);
    const [page] = (reply as unknown as { payload: { source: string; data: Record<string, string> }[] }).payload;
    expect(page!.source).toBe("page");
    expect(page!.data["text/plain"]).toContain(
      question.includes("people") ? "const people: Person[]" : "interface Person",
    );
    expect(page!.data["text/plain"]).not.toContain("No such name");
  });
});
