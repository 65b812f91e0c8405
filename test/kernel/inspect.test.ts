import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { completeAt, inspectAt } from "./completing.ts";
import { type TestKernel, seen, startTestKernel } from "./harness.ts";

let kernel: TestKernel;
beforeAll(async () => {
  const folder = mkdtempSync(join(tmpdir(), "typhoon-inspect-"));
  mkdirSync(join(folder, "node_modules/tiny-typed"), { recursive: true });
  const manifest = { name: "tiny-typed", type: "module", types: "i.d.ts", main: "i.js" };
  writeFileSync(join(folder, "node_modules/tiny-typed/package.json"), JSON.stringify(manifest));
  writeFileSync(join(folder, "node_modules/tiny-typed/i.d.ts"), "export declare function mendAll(n: number): string;");
  writeFileSync(join(folder, "node_modules/tiny-typed/i.js"), "export function mendAll(n) { return `mended ${n}` }");
  writeFileSync(
    join(folder, "shapes.ts"),
    "/** The area. */\nexport function areaOf(w: number) {\n  return w * w; // a square\n}\n",
  );
  kernel = await startTestKernel({ folder, env: { TYPHOON_TYPECHECK: "block" } });
  const cells = [
    "import { areaOf } from './shapes.ts'; import { mendAll } from 'tiny-typed'",
    "interface Person {\n  name: string;\n  /** In years. */\n  age: number;\n}",
    "const people: Person[] = [{ name: 'Ada', age: 36 }, { name: 'Bo', age: 7 }]; const many = Array.from({ length: 1e5 }, (_, i) => i)",
    "enum Color { Red, Green = 5 }\nclass Dog { constructor(readonly name: string) {} bark(loud = true) { return 'wau' } }",
    "function paint(color: 'red' | 'blue', layers: number): string { return color /* done */ }",
    "let ran = false; let anything: any = { get side() { ran = true; return 1 }, deep: { list: [1, { a: 2 }] } }",
    "%sql create table cars (origin varchar, mpg integer)",
    "const rows = %sql from cars",
  ];
  for (const cell of cells) {
    const { error, traceback } = await kernel.run(cell);
    if (error !== undefined) throw new Error(traceback);
  }
});
afterAll(() => kernel.shutdown());

const markdownAt = async (marked: string, detail: 0 | 1 = 0): Promise<string> =>
  (await inspectAt(kernel, marked, detail))?.markdown ?? "";

describe("values", () => {
  test("are shown some levels deep", async () => {
    expect(await markdownAt("peop‸le")).toContain('[{ name: "Ada", age: 36 }, { name: "Bo", age: 7 }]');
    expect(await markdownAt("anything.de‸ep")).toContain("{ list: [1, { a: 2 }] }");
  });

  test("are shown in part where they are long", async () => {
    const text = await markdownAt("ma‸ny");
    expect(text).toContain("Array(100000)");
    expect(text).toContain("3, 4, 5");
    expect(text.length).toBeLessThan(700);
  });

  test("a table says its size", async () => {
    expect(await markdownAt("ro‸ws")).toContain("0 rows × 2 columns");
  });

  test("texts under names of secrets are hidden", async () => {
    const cell =
      "let login = { user: 'ada', apiKey: 'k-123' }; let password = 'p-123'; let url = 'pg://ada:p-123@host'";
    await kernel.run(cell);
    expect(await markdownAt("log‸in")).toContain('{ user: "ada", apiKey: "········" }');
    expect(await markdownAt("login.apiKey‸")).not.toContain("k-123");
    expect(await markdownAt("passw‸ord")).not.toContain("p-123");
    expect(await markdownAt("ur‸l")).toContain("pg://ada:········@host");
  });

  test("a getter is named and not run", async () => {
    expect(await markdownAt("anything.si‸de")).toContain("getter");
    expect(await markdownAt("anyth‸ing")).toContain("side: (getter)");
    expect((await kernel.run("ran")).result).toBe("false");
  });
});

describe("what types declare", () => {
  test("an interface has its members", async () => {
    expect(await markdownAt("let one: Per‸son")).toContain(
      "```ts\ninterface Person {\n  name: string;\n  /** In years. */\n  age: number;\n}\n```",
    );
  });

  test("an enum and a class have theirs, without what the methods do", async () => {
    expect(await markdownAt("Col‸or")).toContain("Green = 5");
    const dog = await markdownAt("let one: Do‸g");
    expect(dog).toContain("bark(loud = true);");
    expect(dog).not.toContain("wau");
  });

  test("a name alone may be one of a type", async () => {
    expect(await markdownAt("Person‸")).toContain("age: number");
  });

  test("the plain text has no marks", async () => {
    const found = await inspectAt(kernel, "let one: Per‸son");
    expect(found?.text).toContain("age: number");
    expect(found?.text).not.toContain("```");
  });
});

describe("at detail 1, the source", () => {
  test("of a cell's function, as it was written", async () => {
    expect(await markdownAt("pai‸nt", 0)).not.toContain("/* done */");
    const text = await markdownAt("pai‸nt", 1);
    expect(text).toContain("layers: number): string { return color /* done */ }");
    expect(text).not.toContain("**paint**: function");
  });

  test("of a class", async () => {
    expect(await markdownAt("Do‸g", 1)).toContain("bark(loud = true) { return 'wau' }");
  });

  test("of a module beside the notebook, with its place", async () => {
    const text = await markdownAt("area‸Of", 1);
    expect(text).toContain("*shapes.ts:2*");
    expect(text).toContain("return w * w; // a square");
  });

  test("of a package: what it declares, and what runs", async () => {
    const text = await markdownAt("mend‸All", 1);
    expect(text).toContain("*tiny-typed/i.d.ts:1*");
    expect(text).toContain("return `mended ${n}`");
  });

  test("of a global, its declaration", async () => {
    const text = await markdownAt("parse‸Int", 1);
    expect(text).toContain("*lib.es5.d.ts:");
    expect(text).not.toContain("native code");
  });

  test.for([
    ["paint??", "/* done */"],
    ["??areaOf", "// a square"],
    ["Person??", "age: number"],
  ] as const)("on the page of %s", async ([question, part]) => {
    const { reply } = await kernel.run(question);
    const [page] = (reply as unknown as { payload: { data: Record<string, string> }[] }).payload;
    expect(page!.data["text/plain"]).toContain(part);
  });
});

describe("calls", () => {
  test.for([
    ["paint(‸", "**color: 'red' | 'blue'**"],
    ["paint('red', ‸)", "**layers: number**"],
    ["people.map((one) => paint('red', ‸", "**layers: number**"],
  ] as const)("%s: the parameter at the cursor", async ([code, part]) => {
    const text = await markdownAt(code);
    expect(text).toContain("paint(color: 'red' | 'blue', layers: number): string");
    expect(text).toContain(part);
  });
});

describe("magics", () => {
  test.for(["%sq‸l select 1", "%sql --lim‸it 5 select 1", "%sql?‸", "const t = %sql‸ select 1"])(
    "%s: the help",
    async (code) => {
      expect(await markdownAt(code)).toContain("%sql [CONNECTION]");
    },
  );

  test("a table in SQL has its columns", async () => {
    expect(await markdownAt("%sql from ca‸rs")).toContain("origin varchar\nmpg integer");
    expect(await markdownAt("%%sql\nfrom peo‸ple")).toContain("name\nage");
  });

  test("code in a magic is code", async () => {
    expect(await markdownAt("%time pai‸nt('red', 1)")).toContain("function paint");
    expect(await markdownAt("%sql select ${peop‸le}")).toContain("const people: Person[]");
  });
});

test.for(["nowhere‸", "nowhere.at.a‸ll", "// peop‸le", "'peop‸le'", "‸", "12‸", "%%html\n<b>peo‸ple"])(
  "nothing is found for %s",
  async (code) => {
    expect(await inspectAt(kernel, code)).toBeUndefined();
  },
);

test("a name that nobody knows has a page that says so", async () => {
  const { reply } = await kernel.run("nowhere?");
  const [page] = (reply as unknown as { payload: { data: Record<string, string> }[] }).payload;
  expect(page!.data["text/plain"]).toBe("No such name: nowhere");
});

test("places count code points", async () => {
  expect(await markdownAt("const s = '😀😀'; peop‸le")).toContain("const people: Person[]");
});

test("types and values answer while a cell spins", async () => {
  const spinning = kernel.run("for (;;);");
  const text = await markdownAt("peop‸le");
  expect(text).toContain("const people: Person[]");
  expect(text).toContain("Ada");
  kernel.send("interrupt_request", {}, { channel: "control" });
  expect((await spinning).reply.status).toBe("error");
});

test("types answer while native code blocks the cell, which holds the values back", async () => {
  const begun = seen(kernel, ({ content }) => content["text"] === "begun\n");
  let ended = false;
  const cell = `console.log("begun"); (await import("node:child_process")).execSync("sleep 3")`;
  const blocked = kernel.run(cell).finally(() => (ended = true));
  await begun;
  expect(await markdownAt("peop‸le")).toContain("const people: Person[]");
  expect((await completeAt(kernel, "people.fil‸")).matches).toEqual(["fill", "filter"]);
  expect((await completeAt(kernel, "%typecheck ‸")).matches).toContain("warn");
  expect(ended).toBe(false);
  kernel.send("interrupt_request", {}, { channel: "control" });
  await blocked;
});
