import { expect, test } from "vitest";
import { toModule } from "../../kernel/export/module.ts";
import { magicSyntax, suggest } from "../../magics/index.ts";

/** What the last of some cells becomes. */
function lastOf(...cells: readonly string[]): string {
  const sources = cells.map((source, at) => ({ type: "code" as const, label: `cell ${at + 1}`, source }));
  const { text } = toModule(sources, { title: "n.ipynb", folder: "/n", target: "/n", magics: magicSyntax, suggest });
  const chunks = text.trim().split("\n\n");
  // Its connections would keep the program from its end.
  expect(chunks.at(-1) === "await closeConnections();").toBe(/mongo/.test(cells.join("")));
  return chunks.findLast((chunk) => chunk !== "await closeConnections();")!;
}

test("a body becomes a value of the module, with its names", () => {
  expect(lastOf("const n = 5", "const found = %mongo shop.users --limit 3 { age: { $gt: n } }")).toBe(
    'const found = await magic("mongo", "shop.users --limit 3", { age: { $gt: n } });',
  );
  expect(lastOf("%%mongo shop.users oldest <<\n[\n  { $sort: { age: -1 } },\n];\n")).toBe(
    'const oldest = await magic("mongo", "shop.users", [\n  { $sort: { age: -1 } },\n]);\ndisplay.result(oldest)',
  );
  expect(lastOf("const n = 1", "const n = 'a'", "%mongo users { $or: [{ n: ${n} }, { name: `x \\${n}` }] }")).toContain(
    "{ $or: [{ n: (n_2) }, { name: `x ${n_2}` }] }",
  );
});

test("names of the shell are given to it, unless the notebook has them", () => {
  expect(lastOf('const x = %mongo users { _id: ObjectId("507f1f77bcf86cd799439011"), at: ISODate() }')).toContain(
    'magic("mongo", "users", ({ ObjectId, ISODate }) => ({ _id: ObjectId("507f1f77bcf86cd799439011"), at: ISODate() }))',
  );
  expect(
    lastOf('import { ObjectId } from "mongodb"\nnew ObjectId()', "const x = %mongo users { _id: ObjectId() }"),
  ).toContain("({ ObjectId }) => ({ _id: ObjectId() })");
  expect(lastOf("const Code = 3", "const x = %mongo users { Code }")).toContain('"users", { Code })');
});

test("a schema is a value too; commands have none", () => {
  expect(lastOf("const s = { a: 'utf8' }", "const x = %mongo users --schema s --documents { a: 1 }")).toContain(
    'magic("mongo", "users --documents", { a: 1 }, { schema: s })',
  );
  expect(lastOf("const x = %mongo users --schema { a: 'int32' }")).toContain(
    `magic("mongo", "users", {}, { schema: { a: 'int32' } })`,
  );
  expect(lastOf("%mongo indexes shop.users")).toBe('display.result(await magic("mongo", "indexes shop.users"))');
});

test("what is no expression stays the text that fails", () => {
  expect(lastOf("%mongo users { a: ")).toContain('magic("mongo", "users { a:');
});

test("a magic whose result is kept shows nothing itself", () => {
  expect(lastOf("const list = %connect")).toBe('const list = await magic("connect", "", undefined, { quiet: true });');
});
