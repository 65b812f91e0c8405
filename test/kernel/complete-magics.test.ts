import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Completed, completeAt } from "./completing.ts";
import { type TestKernel, startTestKernel } from "./harness.ts";

let kernel: TestKernel;
beforeAll(async () => {
  const folder = mkdtempSync(join(tmpdir(), "typhoon-complete-"));
  for (const name of ["data/raw files", ".cache"]) mkdirSync(join(folder, name), { recursive: true });
  writeFileSync(join(folder, "data/cars.csv"), "origin,mpg\n");
  writeFileSync(join(folder, "clean.ts"), "");
  writeFileSync(join(folder, "package.json"), `{"dependencies":{"zod":"*"}}`);
  kernel = await startTestKernel({ folder, env: { TYPHOON_TYPECHECK: "block", TOKEN_OF_TEST: "secret" } });
  const cell = "const limit = 5; const people: any = [{ id: 1, 'home town': 'Bonn' }]; let other = { a: 1 }";
  const sql = `create table cars (origin varchar, mpg integer, "miles per" double); create schema side; create table side.deep (bottom int); create view best as select 1 as score`;
  for (const source of [cell, `%%sql\n${sql}`, "const rows = %sql select origin, mpg from cars"]) {
    const { error } = await kernel.run(source);
    if (error !== undefined) throw new Error(error);
  }
});
afterAll(() => kernel.shutdown());

const complete = (marked: string): Promise<Completed> => completeAt(kernel, marked);

describe("a magic's line", () => {
  test.for([
    ["names", "%w‸", ["who", "whos", "writefile"]],
    ["options", "%timeit -‸", ["-n", "-r"]],
    ["options of a cell magic", "%%writefile -‸", ["--append", "-a"]],
    ["not the same option twice", "%%capture out --no-std‸\n1", ["--no-stderr", "--no-stdout"]],
    ["an option's value is the reader's", "%sql --limit ‸", []],
    ["modes", "%typecheck ‸", ["off", "warn", "block"]],
    ["settings", "%config output.‸", ["output.text", "output.displays", "output.data"]],
    ["values of a setting", "%config typecheck = ‸", ["off", "warn", "block", "default"]],
    ["values of a setting that is begun", "%config plain=‸", ["1", "0", "default"]],
    ["environment variables", "%env TOKEN_‸", ["TOKEN_OF_TEST"]],
    ["folders alone", "%cd ‸", ["data/", ".cache/"]],
    ["folders first", "%run ./‸", expect.arrayContaining(["./data/", "./clean.ts"])],
    ["files", "%%writefile cl‸\ntext", ["clean.ts"]],
    ["behind an assignment", "const text = %load cl‸", ["clean.ts"]],
    ["packages that are installed", "%npm remove ‸", ["zod"]],
    ["packages elsewhere are not asked for", "%npm add lod‸", []],
    ["words of a shell command", "%sh wc -l data/c‸", ["data/cars.csv"]],
    ["words of a script", "%%bash\ncd dat‸", ["data/"]],
    ["no code in text", "%%html\n<p>lim‸", []],
    ["code of a magic", "%time people.len‸", ["length"]],
    ["code of a magic with options", "%timeit -n 5 people.len‸", ["length"]],
    ["code of a cell magic", "%%time\npeople.len‸", ["length"]],
  ] as const)("%s: %s", async ([, code, expected]) => {
    expect((await complete(code)).matches).toEqual(expected);
  });

  test("a name with a space is quoted, and goes on in open quotes", async () => {
    const { matches, apply } = await complete("%cd data/ra‸");
    expect(apply(matches[0]!)).toBe('%cd "data/raw files/');
    expect((await complete('%cd "data/ra‸')).matches).toEqual(["data/raw files/"]);
  });
});

describe("SQL of a connection", () => {
  test("its tables, columns, keywords and name, once it was used", async () => {
    await kernel.run("%connect sqlite::memory: --as lite");
    await kernel.run("%%sql lite\ncreate table planets(name text, moons integer); select 1");
    const asked = async (code: string): Promise<readonly string[]> => (await complete(code)).matches;
    expect(await asked("%%sql lite\nselect * from pla‸")).toEqual(["planets"]);
    expect(await asked("%sql lite select moo‸ from planets")).toEqual(["moons"]);
    expect(await asked("%%sql lite --limit 3\nselect p.‸ from planets p")).toEqual(["moons", "name"]);
    expect(await asked("%sql lite schema pla‸")).toEqual(["planets"]);
    expect(await asked("%%sql lite\nselect name from planets where name GLO‸")).toContain("GLOB");
    expect(await asked("%sql from pla‸")).toEqual([]);
    expect(await asked("%%sql li‸")).toEqual(["lite"]);
    await kernel.run("%sql lite alter table planets add column rings integer");
    await expect.poll(() => asked("%sql lite select rin‸ from planets")).toEqual(["rings"]);
    await kernel.run("%disconnect lite");
  });
});

describe("SQL", () => {
  test.for([
    ["statements", "%sql sel‸", ["select"]],
    ["short forms", "%sql sch‸", ["schema"]],
    ["tables of a short form", "%sql schema ca‸", ["cars"]],
    ["tables", "%sql from ca‸", ["cars"]],
    ["views and variables", "%%sql\nselect *\nfrom ‸", expect.arrayContaining(["best", "cars", "people", "rows"])],
    ["only variables that are tables", "%sql from oth‸", []],
    ["columns of the statement's table", "%sql select or‸ from cars", ["origin", "or", "order", "ord"]],
    ["columns of an alias", "%sql select c.‸ from cars c", ['"miles per"', "mpg", "origin"]],
    ["columns of a joined variable", "%sql from cars c join rows r on r.‸", ["mpg", "origin"]],
    ["columns of rows", "%sql select home‸ from people", ['"home town"']],
    ["columns of a value", "%sql select hom‸ from ${people}", ['"home town"']],
    ["tables of a schema", "%sql from side.‸", ["deep"]],
    ["columns in open quotes", '%sql select "mi‸ from cars', ['"miles per"']],
    ["names of a WITH", "%%sql\nwith best_cars as (from cars) from best_‸", ["best_cars"]],
    ["functions", "%sql select date_tr‸", ["date_trunc"]],
    ["keywords as they are written", "%sql SELECT 1 FRO‸", ["FROM"]],
    ["paths", "%sql from 'data/ca‸", ["data/cars.csv"]],
    ["variables to be bound", "%sql select :lim‸", ["limit"]],
    ["code in a value", "%sql select ${people.len‸}", ["length"]],
    ["behind options", "%sql --limit 5 sel‸", ["select"]],
    ["kept in a variable", "%sql top << select mp‸ from cars", ["mpg"]],
    ["in a tagged template", "const q = await sql`select mp‸ from cars`; q", ["mpg"]],
    ["in a tagged template behind a value", "sql`select ${limit} + mp‸ from cars`", ["mpg"]],
    ["not in another template", "`select mp‸ from cars`", []],
    ["not in a comment", "%%sql\n-- from ca‸", []],
    ["not in a text", "%sql select 'ca‸", []],
  ] as const)("%s: %s", async ([, code, expected]) => {
    expect((await complete(code)).matches).toEqual(expected);
  });

  test("places count code points, also with Windows line ends", async () => {
    const { matches, apply } = await complete("%%sql\r\nselect '😀', mp‸\r\nfrom cars");
    expect(matches.map(apply)).toEqual(["%%sql\r\nselect '😀', mpg\r\nfrom cars"]);
  });

  test("what the last query made is there, and while a cell spins what was last known", async () => {
    await kernel.run("%sql create table fresh_table as select 1 as one");
    expect((await complete("%sql from fresh‸")).matches).toEqual(["fresh_table"]);
    const run = kernel.run("for (;;);");
    expect((await complete("%sql from fresh‸")).matches).toEqual(["fresh_table"]);
    kernel.send("interrupt_request", {}, { channel: "control" });
    expect((await run).reply.status).toBe("error");
  });
});
