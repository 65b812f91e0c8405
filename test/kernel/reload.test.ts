import { mkdirSync, renameSync, rmSync, statSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type TestKernel, seen, startTestKernel } from "./harness.ts";

let kernel: TestKernel;
beforeAll(async () => {
  kernel = await startTestKernel();
});
afterAll(() => kernel.shutdown());

function write(files: Record<string, string>): void {
  for (const [name, text] of Object.entries(files)) {
    const path = join(kernel.folder, name);
    mkdirSync(join(path, ".."), { recursive: true });
    writeFileSync(path, text);
  }
}

/** Runs a cell and returns its result and what is said under it. */
async function run(code: string): Promise<{ result: string | undefined; said: string; trace: string }> {
  const { result, stderr, traceback } = await kernel.run(code);
  return { result, said: stripVTControlCharacters(stderr), trace: traceback };
}

describe("names that an earlier cell has imported", () => {
  test("follow an edit, also in functions of earlier cells, and nothing is said", async () => {
    write({ "follow.ts": "export const f = () => 'old'" });
    await run("import { f as followed } from './follow.ts'; const callsIt = () => followed()");
    write({ "follow.ts": "export const f = () => 'new'" });
    expect(await run("[followed(), callsIt()]")).toEqual({ result: "[ 'new', 'new' ]", said: "", trace: "" });
  });

  test.for([
    ["named", "import { value as n1 } from './form.ts'", "n1"],
    ["default", "import n2 from './form.ts'", "n2"],
    ["namespace", "import * as n3 from './form.ts'", "n3.value"],
    ["re-exported", "export { value as n4 } from './form.ts'", "n4"],
  ] as const)("follow whatever form the import has: %s", async ([, code, use]) => {
    write({ "form.ts": "export const value = 1; export default value" });
    await run(code);
    write({ "form.ts": "export const value = 2; export default value" });
    expect(await run(use)).toMatchObject({ result: "2", said: "" });
  });

  test.for([
    ["cjs", "kind.cjs", "exports.value = 1", "exports.value = 2"],
    ["cts", "kind.cts", "export const value: number = 1", "export const value: number = 2"],
    ["json", "kind.json", '{ "value": 1 }', '{ "value": 2 }'],
    ["tsx", "kind.tsx", "export const value: number = 1", "export const value: number = 2"],
  ] as const)("follow files of every kind: %s", async ([kind, file, before, after]) => {
    write({ [file]: before });
    await run(`import ${kind}Of from './${file}'; import * as ${kind}All from './${file}'`);
    const use = `(${kind}Of ?? ${kind}All).value`;
    write({ [file]: after });
    expect(await run(kind === "tsx" ? "tsxAll.value" : use)).toMatchObject({ result: "2", said: "" });
  });

  test("follow a file that their module imports; what is unchanged keeps its state and does not run again", async () => {
    write({
      "leaf.ts": "export const leaf = 'a'; console.log('leaf runs')",
      "trunk.ts": "import { leaf } from './leaf.ts'; export const trunk = () => leaf; console.log('trunk runs')",
      "sibling.ts": "export const sibling = { n: 0 }; console.log('sibling runs')",
    });
    await run("import { trunk } from './trunk.ts'; import { sibling } from './sibling.ts'; sibling.n += 1");
    write({ "leaf.ts": "export const leaf = 'b'; console.log('leaf runs')" });
    const { stdout, result } = await kernel.run("[trunk(), sibling.n]");
    expect({ stdout, result }).toEqual({ stdout: "leaf runs\ntrunk runs\n", result: "[ 'b', 1 ]" });
    expect((await kernel.run("trunk()")).stdout).toBe("");
  });

  test("follow a script with a line for the shell", async () => {
    write({ "shell.ts": "#!/usr/bin/env node\nexport const shell: number = 1" });
    await run("import { shell } from './shell.ts'");
    write({ "shell.ts": "#!/usr/bin/env node\nexport const shell: number = 2" });
    expect(await run("shell")).toMatchObject({ result: "2", said: "" });
  });

  test("of a path alias of the tsconfig.json follow too", async () => {
    write({
      "tsconfig.json": '{ "compilerOptions": { "paths": { "@lib/*": ["./lib/*"] } } }',
      "lib/alias.ts": "export const alias = 1",
    });
    await run("import { alias } from '@lib/alias.ts'");
    write({ "lib/alias.ts": "export const alias = 2" });
    expect(await run("alias")).toMatchObject({ result: "2", said: "" });
  });

  test("that were declared anew since are left alone", async () => {
    write({ "anew.ts": "export const anew = 1" });
    await run("import { anew } from './anew.ts'");
    await run("const anew = 'mine'");
    write({ "anew.ts": "export const anew = 2; console.log('runs')" });
    const { result, stdout } = await kernel.run("anew");
    expect({ result, stdout }).toEqual({ result: "'mine'", stdout: "" });
  });

  test("that the file no longer exports are named, and fail where they are used", async () => {
    write({ "less.ts": "export const kept = 1; export const lost = 2" });
    await run("import { kept, lost } from './less.ts'");
    write({ "less.ts": "export const kept = 3" });
    expect((await run("kept")).said).toBe("typhoon: less.ts has changed and no longer exports lost.\n");
    expect((await run("lost")).trace).toContain("does not provide an export named 'lost'");
  });

  test("follow a write of the same length that keeps the time of the file", async () => {
    const path = join(kernel.folder, "tick.ts");
    write({ "tick.ts": "export const tick = 1" });
    const { atime, mtime } = statSync(path);
    await run("import { tick } from './tick.ts'");
    write({ "tick.ts": "export const tick = 2" });
    utimesSync(path, atime, mtime);
    expect(await run("tick")).toMatchObject({ result: "2" });
  });

  test("follow a file that the cell before has written", async () => {
    await run("%%writefile cellmade.ts\nexport const cellmade = 1");
    await run("import { cellmade } from './cellmade.ts'");
    await run("%%writefile cellmade.ts\nexport const cellmade = 2");
    expect(await run("cellmade")).toMatchObject({ result: "2" });
  });

  test("see a file as it is when the same cell writes and imports it", async () => {
    write({ "same.ts": "export const same = 1" });
    await run("import { same } from './same.ts'");
    const code = `(await import("node:fs")).writeFileSync("same.ts", "export const same = 2");
(await import("./same.ts")).same`;
    expect(await run(code)).toMatchObject({ result: "2" });
    expect(await run("same")).toMatchObject({ result: "2" });
  });

  test("follow a link that leads elsewhere, and a file whose extension has changed", async () => {
    write({
      "v1/x.ts": "export const viaLink = 1",
      "v2/x.ts": "export const viaLink = 2",
      "renamed.ts": "export const r = 1",
    });
    symlinkSync(join(kernel.folder, "v1"), join(kernel.folder, "current"));
    await run("import { viaLink } from './current/x.ts'; import { r } from './renamed'");
    rmSync(join(kernel.folder, "current"));
    symlinkSync(join(kernel.folder, "v2"), join(kernel.folder, "current"));
    renameSync(join(kernel.folder, "renamed.ts"), join(kernel.folder, "renamed.tsx"));
    write({ "renamed.tsx": "export const r = 2" });
    expect(await run("[viaLink, r]")).toMatchObject({ result: "[ 2, 2 ]", said: "" });
  });

  test("that a file run by %run has imported follow too", async () => {
    write({ "ran/part.ts": "export const part = 1", "ran/main.ts": "import { part } from './part.ts'" });
    await run("%run ran/main.ts");
    write({ "ran/part.ts": "export const part = 2" });
    expect(await run("part")).toMatchObject({ result: "2" });
  });

  test("follow while another cell awaits, which sees them too", async () => {
    write({ "awaited.ts": "export const awaited = 1" });
    await run("import { awaited } from './awaited.ts'; const gate = Promise.withResolvers()");
    const { reply } = await kernel.request("create_subshell_request", {}, { channel: "control" });
    const subshell = (reply as { subshell_id: string }).subshell_id;
    const begun = seen(kernel, ({ content }) => content["text"] === "awaiting\n");
    const waiting = kernel.run("console.log('awaiting'); await gate.promise; awaited");
    await begun;
    write({ "awaited.ts": "export const awaited = 2" });
    await kernel.request("execute_request", { code: "gate.resolve(awaited)" }, { subshell });
    expect((await waiting).result).toBe("2");
  });

  const filled = (version: number): string => `new Array(1e6).fill(${version})`;
  test.for([
    [
      "ts",
      (version: number) => `export const v: number = ${version}, d = ${filled(version)}; export const f = () => d`,
    ],
    ["mts", (version: number) => `await null; export const v = ${version}, d = ${filled(version)}`],
    ["cts", (version: number) => `export const v: number = ${version}, d = ${filled(version)}`],
    ["cjs", (version: number) => `exports.v = ${version}; exports.d = ${filled(version)}`],
    ["json", (version: number) => `{ "v": ${version}, "d": [${"1,".repeat(1e6)} 1] }`],
  ] as const)("keep no old version in memory, whatever it held: %s", async ([kind, text]) => {
    const file = `big.${kind}`;
    write({ [file]: text(0) });
    await run(`import * as big from './${file}'`);
    // Not what awaits at its top.
    const use =
      kind === "mts" ? "[big.v, (await import('./big.mts')).v]" : `[(big.default ?? big).v, require('./${file}').v]`;
    const used = `globalThis[Symbol.for("typhoon.collect")](); process.memoryUsage().heapUsed / 2 ** 20`;
    const before = Number((await run(used)).result);
    for (let version = 1; version <= 10; version++) {
      write({ [file]: text(version) });
      expect((await run(use)).result).toBe(`[ ${version}, ${version} ]`);
    }
    expect(Number((await run(used)).result) - before).toBeLessThan(30); // of 80 MB
  });
});

describe("a file that cannot be loaded any longer", () => {
  test("is shown with its place under the next cell and under those that name its names, until it is mended", async () => {
    write({ "broken.ts": "export const broken = () => 'old'" });
    await run("import { broken } from './broken.ts'");
    write({ "broken.ts": "export const broken = () => 'new';\nlet z = ;" });
    const first = await run("1");
    expect(first.result).toBe("1");
    expect(first.said).toContain(
      "typhoon: broken.ts has changed and cannot be loaded; broken stays that of the version before.\nSyntaxError",
    );
    expect(first.said).toContain("broken.ts:2:9");
    expect(await run("2")).toMatchObject({ said: "" });
    const used = await run("broken()");
    expect(used.result).toBe("'old'");
    expect(used.said).toBe(
      "typhoon: broken is still of the old version of broken.ts. SyntaxError: Unexpected token.\n",
    );
    const imported = await run("import { broken as again } from './broken.ts'");
    expect(imported.said).toBe("");
    expect(imported.trace).toContain("broken.ts:2:9");
    write({ "broken.ts": "export const broken = () => 'mended'" });
    expect(await run("broken()")).toMatchObject({ result: "'mended'", said: "" });
  });

  test("because a file that it imports is broken is loaded once that is mended", async () => {
    write({ "under.ts": "export const under = 1", "over.ts": "export { under as over } from './under.ts'" });
    await run("import { over } from './over.ts'");
    write({ "under.ts": "export const under = " });
    expect((await run("over")).said).toContain("under.ts:1");
    write({ "under.ts": "export const under = 2" });
    expect(await run("over")).toMatchObject({ result: "2", said: "" });
  });

  test("because it throws runs again when a cell imports it, not at each cell", async () => {
    write({ "throws.ts": "export const t = 1" });
    await run("import { t } from './throws.ts'; globalThis.runs = 0");
    write({
      "throws.ts": "globalThis.runs += 1; if (!globalThis.ready) throw new Error('not ready'); export const t = 2",
    });
    expect((await run("t")).said).toContain("Error: not ready");
    expect(await run("[t, runs]")).toMatchObject({ result: "[ 1, 1 ]" });
    expect((await run("import { t as t2 } from './throws.ts'")).trace).toContain("not ready");
    await run("globalThis.ready = true");
    expect(await run("import { t as t2 } from './throws.ts'; t2")).toMatchObject({ result: "2" });
    expect(await run("t")).toMatchObject({ result: "2", said: "" });
  });

  test("because it is gone is named, and comes back", async () => {
    write({ "gone.ts": "export const gone = 1" });
    await run("import { gone } from './gone.ts'");
    rmSync(join(kernel.folder, "gone.ts"));
    expect((await run("gone")).said).toMatch(
      /gone\.ts has changed and cannot be loaded.*Cannot find module '\.\/gone\.ts'/s,
    );
    write({ "gone.ts": "export const gone = 1" });
    expect(await run("gone")).toMatchObject({ result: "1", said: "" });
  });

  test.for([
    ["awaits", "await new Promise(() => {})"],
    ["spins", "for (;;) {}"],
  ] as const)(
    "because it %s without end is interrupted with its cell, and waits for the next edit",
    async ([name, code]) => {
      const file = `${name}.ts`;
      write({ [file]: `export const ${name} = 1` });
      await run(`import { ${name} } from './${file}'`);
      write({ [file]: `export const ${name} = 2; console.log('${name} begins'); ${code}` });
      const begun = seen(kernel, ({ content }) => content["text"] === `${name} begins\n`);
      const cell = kernel.run(name);
      await begun;
      await kernel.request("interrupt_request", {}, { channel: "control" });
      expect((await cell).error).toContain("Interrupted");
      expect((await run(name)).result).toBe("1");
      write({ [file]: `export const ${name} = 3` });
      expect(await run(name)).toMatchObject({ result: "3" });
    },
  );

  test("is one note with all that import it", async () => {
    write({ "one.ts": "export const one = 1", "two.ts": "export { one as two } from './one.ts'" });
    await run("import { one } from './one.ts'; import { two } from './two.ts'");
    write({ "one.ts": "export const one = " });
    const { said } = await run("1");
    expect(said).toContain(
      "one.ts and two.ts have changed and cannot be loaded; one and two stay those of the version before.",
    );
    expect(said.split("SyntaxError")).toHaveLength(2);
  });
});

describe("values of an old version", () => {
  test("are named once, by the name of their variable", async () => {
    const text =
      "export class Counter {}; class Inner {}; export const make = () => new Inner(); export const f = () => 1;";
    write({ "stale.ts": text });
    await run(`import { Counter, make, f } from "./stale.ts";
const counter = new Counter(), counters = [new Counter()], made = make(), g = f, whole = await import("./stale.ts"), fine = { a: 1 };
class Sub extends Counter {}`);
    write({ "stale.ts": `${text} // edited` });
    expect((await run("1")).said).toBe(
      "typhoon: stale.ts was loaded anew; of its old version are still counter (an instance of Counter), counters (holds " +
        "Counter), made (an instance of Inner), g (f), whole (the module) and Sub (extends Counter). Run their cells again " +
        "to renew them.\n",
    );
    expect((await run("2")).said).toBe("");
    await run("const counter = new Counter()");
    write({ "stale.ts": `${text} // edited again` });
    expect((await run("3")).said).toContain("are still counter (an instance of Counter). Run");
  });

  test("of CommonJS and of a module that cells import dynamically are named too", async () => {
    write({ "old.cjs": "exports.K = class K {}; exports.f = () => 1", "dynamic.ts": "export const list = [1]" });
    await run(
      "const { f: oldF, K: OldK } = require('./old.cjs'); const k = new OldK(); const { list } = await import('./dynamic.ts')",
    );
    write({ "old.cjs": "exports.K = class K {}; exports.f = () => 2", "dynamic.ts": "export const list = [2]" });
    const { said } = await run("1");
    expect(said).toContain(
      "old.cjs was loaded anew; of its old version are still oldF (f), OldK (K) and k (an instance of K)",
    );
    expect(said).toContain("dynamic.ts was loaded anew; of its old version are still list (list)");
  });

  test("that the new version passes on as well are not old", async () => {
    write({
      "shared.ts": "export const shared = { n: 1 }",
      "passes.ts": "export { shared } from './shared.ts'; export const M = Map; // 1",
    });
    await run("import * as passes from './passes.ts'; const kept = passes.shared, map = new Map()");
    write({ "passes.ts": "export { shared } from './shared.ts'; // 2" });
    expect(await run("kept === passes.shared")).toMatchObject({ result: "true", said: "" });
  });

  test("that keep many old versions at work are told, once", async () => {
    const text = (version: number): string => `export const timed = ${version}; setInterval(() => timed, 1e6).unref()`;
    write({ "timed.ts": text(0) });
    await run("import { timed } from './timed.ts'");
    const said: string[] = [];
    for (let version = 1; version <= 25; version++) {
      write({ "timed.ts": text(version) });
      said.push((await run("timed")).said);
    }
    const told = said.filter((line) => line !== "");
    expect(told).toHaveLength(1);
    expect(told[0]).toContain("20 old versions of timed.ts are still in memory, because timers");
  });
});

describe("a package", () => {
  test("that was installed in another version after it was loaded is named once, with what to do", async () => {
    const install = (version: string): void =>
      write({
        "node_modules/pack/package.json": `{ "name": "pack", "version": "${version}", "exports": "./index.js" }`,
        "node_modules/pack/index.js": `exports.version = "${version}"`,
      });
    install("1.0.0");
    await run("import { version as packVersion } from 'pack'");
    install("1.10.0");
    expect(await run("packVersion")).toMatchObject({
      result: "'1.0.0'",
      said: "typhoon: pack 1.0.0 is loaded and 1.10.0 is installed now; restart the kernel to change over.\n",
    });
    expect((await run("1")).said).toBe("");
  });
});

test("Node's insides are not among the modules of a notebook", async () => {
  write({ "tsconfig.json": '{ "compilerOptions": { "baseUrl": "." } }', "internal/util.ts": "export const mine = 1" });
  const code = `import { builtinModules } from "node:module"; import { mine } from "internal/util";
[mine, builtinModules.some((name) => name.startsWith("internal")), require("internal/util").mine]`;
  expect(await run(code)).toMatchObject({ result: "[ 1, false, 1 ]" });
});

test("Node's insides are closed to cells, modules and packages", async () => {
  const opens = 'try { require("internal/url"); exports.opened = true } catch ({ code }) { exports.opened = code }';
  write({ "opens.cjs": opens, "node_modules/opens/index.js": opens });
  const code = `import { isBuiltin } from "node:module";
const closed = async (open) => { try { await open(); return false } catch { return true } };
[require("./opens.cjs").opened, require("opens").opened, isBuiltin("internal/url"), isBuiltin("node:fs"), isBuiltin("fs/promises"),
  await closed(() => require("internal/url")), await closed(() => import("internal/url")), process.getBuiltinModule("internal/url")]`;
  const missing = "'MODULE_NOT_FOUND'";
  expect((await run(code)).result?.replaceAll(/\s+/g, " ")).toBe(
    `[ ${missing}, ${missing}, false, true, true, true, true, undefined ]`,
  );
});

test("Node's own modules stay closed to the processes that cells fork", async () => {
  const child = `let opened = true; try { require("internal/util") } catch { opened = false }
process.send([opened, process.execArgv.includes("--expose-internals")])`;
  write({ "child.cjs": child });
  const code = `import { fork } from "node:child_process"; import { once } from "node:events";
(await once(fork("./child.cjs"), "message"))[0]`;
  expect(await run(code)).toMatchObject({ result: "[ false, false ]" });
});
