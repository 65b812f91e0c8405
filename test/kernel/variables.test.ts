import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Contents, DebugVariable } from "../../kernel/protocol/contents.ts";
import { type TestKernel, seen, startTestKernel } from "./harness.ts";

let kernel: TestKernel;
let seq = 0;
beforeAll(async () => {
  kernel = await startTestKernel();
});
afterAll(() => kernel.shutdown());

async function ask(command: string, given: Record<string, unknown> = {}): Promise<Contents["debug_reply"]> {
  const asked = (seq += 1);
  const content = { type: "request", seq: asked, command, arguments: given } as const;
  const { reply } = await kernel.request("debug_request", content, { channel: "control" });
  expect(reply).toMatchObject({ type: "response", request_seq: asked, command });
  expect(reply).not.toHaveProperty("status");
  return reply;
}

async function variables(command = "inspectVariables", given: Record<string, unknown> = {}) {
  const { success, body, message } = await ask(command, given);
  expect(message).toBeUndefined();
  expect(success).toBe(true);
  return body["variables"] as readonly DebugVariable[];
}

async function variable(name: string): Promise<DebugVariable> {
  const found = (await variables()).find((row) => row.name === name);
  if (!found) throw new Error(`no variable ${name}`);
  return found;
}

const members = (reference: number, given: Record<string, unknown> = {}) =>
  variables("variables", { variablesReference: reference, ...given });

test("kernel_info claims no debugger, so that front ends show no buttons for one", async () => {
  const { reply } = await kernel.request("kernel_info_request", {});
  expect(reply).toMatchObject({ debugger: false });
  expect(reply.supported_features).not.toContain("debugger");
});

test("debugInfo says that no debugger runs", async () => {
  expect(await ask("debugInfo")).toMatchObject({
    success: true,
    body: { isStarted: false, breakpoints: [], stoppedThreads: [], richRendering: true },
  });
});

test.for(["initialize", "attach", "setBreakpoints", "toString"])(
  "%s is refused with what is answered",
  async (command) => {
    const { success, message } = await ask(command);
    expect(success).toBe(false);
    expect(message).toBe(
      `Typhoon has no debugger and does not answer ${command}, only debugInfo, inspectVariables, variables, richInspectVariables`,
    );
  },
);

describe("inspectVariables", () => {
  test("shows what %whos shows", async () => {
    await kernel.run(`const n = 5; let text = "a\\nb"; function f(a: number) { return a } class Point { x = 1 }
const point = new Point(), list = [1, 2, 3], map = new Map([["a", 1]]), day = new Date(0), re = /a+/gi;
const failure = new RangeError("too far"), big = 10n, empty = undefined, typed = new Float64Array([1, 2.5]);
enum Color { Red } import { join } from "node:path"; const apiKey = "s3cr3t"`);
    const { result } = await kernel.run("const shown = %whos\nJSON.stringify(shown)", { store_history: false });
    const whos = JSON.parse(result!.slice(1, -1).replaceAll("\\\\", "\\").replaceAll("\\'", "'")) as {
      name: string;
      kind: string;
      type: string;
      preview: string;
    }[];
    const rows = (await variables()).filter(({ name }) => name !== "shown");
    expect(rows.map(({ name, type, value }) => [name, type, value])).toEqual(
      whos.map(({ name, type, preview }) => [name, type, preview]),
    );
    expect(rows.map(({ presentationHint }) => presentationHint?.attributes.at(-1))).toEqual(
      whos.map(({ kind }) => kind),
    );
    const shown = Object.fromEntries(rows.map(({ name, type, value }) => [name, `${type} ${value}`]));
    expect(shown).toEqual({
      n: "number 5",
      text: "string 'a\\nb'",
      f: "function [Function: f]",
      Point: "function [class Point]",
      point: "Point Point { x: 1 }",
      list: "Array(3) [ 1, 2, 3 ]",
      map: "Map Map(1) { 'a' => 1 }",
      day: "Date 1970-01-01T00:00:00.000Z",
      re: "RegExp /a+/gi",
      failure: "RangeError RangeError: too far",
      big: "bigint 10n",
      empty: "undefined undefined",
      typed: "Float64Array Float64Array(2) [ 1, 2.5 ]",
      Color: "Object { '0': 'Red', Red: 0 }",
      join: "function [Function: join]",
      apiKey: "string ········",
    });
  });

  test("answers while a cell spins, and runs no getter, trap or method of the values", async () => {
    const { traceback } = await kernel.run(`let ran = 0; const note = () => { ran++; return "ran" };
const tricky = { get x() { return note() }, get [Symbol.toStringTag]() { return note() }, toString: note, toJSON: note, [Symbol.toPrimitive]: note };
const trap = new Proxy({}, { get: note, ownKeys: () => (note(), []), getPrototypeOf: () => (note(), null), getOwnPropertyDescriptor: note as any });
class Named { static get [Symbol.hasInstance]() { note(); return () => true } static get name() { return note() } get ["constructor"]() { note(); return Named } get [Symbol.toStringTag]() { return note() } y = 2 }
const named = new Named(); const within = [tricky, trap, named]; class Sized extends Map { get size() { return note() as any } *[Symbol.iterator]() { note() } }
const sized = new Sized([[1, tricky]]); const go = new Int32Array(new SharedArrayBuffer(4))`);
    expect(traceback).toBe("");
    const begun = seen(kernel, ({ content }) => content["text"] === "spins\n");
    const cell = kernel.run('console.log("spins"); while (go[0] === 0) {} ; ran');
    await begun;
    const rows = new Map((await variables()).map((row) => [row.name, row]));
    expect(rows.get("tricky")?.value).toBe("{ x: [Getter], toString: [Function: note], toJSON: [Function: note] }");
    expect(rows.get("trap")).toMatchObject({ value: "Proxy", variablesReference: 0 });
    expect(rows.get("named")?.value).toBe("{ y: 2 }");
    expect(rows.get("sized")?.value).toBe("Sized(1) { 1 => [Object] }");
    for (const name of ["tricky", "named", "within", "sized"]) await members(rows.get(name)!.variablesReference);
    expect((await members(rows.get("tricky")!.variablesReference))[0]).toMatchObject({ name: "x", value: "[Getter]" });
    await kernel.request("interrupt_request", {}, { channel: "control" });
    expect((await cell).error).toContain("Interrupted");
    expect((await kernel.run("ran")).result).toBe("0");
  });
});

describe("variables", () => {
  test("shows the members of a value, and theirs", async () => {
    await kernel.run(
      'const tree = { leaf: 1, "odd name": [10, { deep: "x" }], m: new Map([[{ k: 1 }, new Set(["s"])]]) }',
    );
    const root = await variable("tree");
    expect(root).toMatchObject({ evaluateName: "tree", namedVariables: 3, indexedVariables: 0 });
    const [leaf, odd, map] = await members(root.variablesReference);
    expect(leaf).toEqual({
      name: "leaf",
      value: "1",
      type: "number",
      evaluateName: "tree.leaf",
      variablesReference: 0,
    });
    expect(odd).toMatchObject({
      name: "odd name",
      type: "Array(2)",
      evaluateName: 'tree["odd name"]',
      indexedVariables: 2,
    });
    const [ten, object] = await members(odd!.variablesReference);
    expect(ten).toMatchObject({ name: "0", value: "10", evaluateName: 'tree["odd name"][0]' });
    expect(await members(object!.variablesReference)).toMatchObject([{ name: "deep", value: "'x'" }]);
    const [entry] = await members(map!.variablesReference);
    expect(entry).toMatchObject({ name: "{ k: 1 }", value: "Set(1) { 's' }" });
    expect(await members(entry!.variablesReference)).toMatchObject([{ name: "0", value: "'s'" }]);
  });

  test("pages by start and count, and is bounded without them", async () => {
    await kernel.run("const many = Array.from({ length: 5_000 }, (_, i) => i); Object.assign(many, { extra: true })");
    const { variablesReference: reference, ...counts } = await variable("many");
    expect(counts).toMatchObject({ indexedVariables: 5_000, namedVariables: 1 });
    const page = await members(reference, { filter: "indexed", start: 4_998, count: 10 });
    expect(page.map(({ name, value }) => [name, value])).toEqual([
      ["4998", "4998"],
      ["4999", "4999"],
    ]);
    expect(await members(reference, { filter: "named" })).toMatchObject([{ name: "extra", value: "true" }]);
    const all = await members(reference);
    expect(all).toHaveLength(1_001);
    expect(all.at(-1)).toEqual({ name: "…", value: "4001 more", type: "", variablesReference: 0 });
  });

  test("reads what is there now, keeps nothing alive, and says where a value is gone", async () => {
    await kernel.run("let held: any = { a: { big: 1 } }; const ref = new WeakRef(held.a)");
    const { variablesReference: reference } = await variable("held");
    const [a] = await members(reference);
    await members(a!.variablesReference);
    await kernel.run("held = { a: { small: 2 } }");
    expect(await members(a!.variablesReference)).toMatchObject([{ name: "small" }]);
    const collected = `await new Promise((done) => setImmediate(done)); globalThis[Symbol.for("typhoon.collect")](); ref.deref()`;
    expect((await kernel.run(collected)).result).toBeUndefined();
    await kernel.run("held = undefined");
    expect(await ask("variables", { variablesReference: a!.variablesReference })).toMatchObject({
      success: false,
      message: expect.stringContaining("this value is gone") as string,
    });
    expect(await ask("variables", {})).toMatchObject({ success: false });
  });

  test("hides what may be secret, and what it holds", async () => {
    await kernel.run(
      'const credentials = { user: "ada" }, login = { password: "s3cr3t", url: "redis://ada:s3cr3t@db" }',
    );
    expect(await variable("credentials")).toMatchObject({ value: "········", variablesReference: 0 });
    const rows = await members((await variable("login")).variablesReference);
    expect(JSON.stringify(rows)).not.toContain("s3cr3t");
  });

  test("counts the rows and columns of an Arrow table", async () => {
    await kernel.run("const table = %sql select range id, 'x' as name from range(1234)");
    expect(await variable("table")).toMatchObject({ type: "Table", value: "1,234 rows × 2" });
  });
});

describe("richInspectVariables", () => {
  test("gives the display of a variable, and nothing of it reaches the notebook", async () => {
    await kernel.run(
      'const shownRich = { [Symbol.for("Jupyter.display")]: () => (console.log("displays"), { "text/plain": "P", "text/html": "<b>P</b>" }) }',
    );
    const content = {
      type: "request",
      seq: 1,
      command: "richInspectVariables",
      arguments: { variableName: "shownRich" },
    } as const;
    const { reply, published } = await kernel.request("debug_request", content, { channel: "control" });
    expect(reply.body).toEqual({ data: { "text/plain": "P", "text/html": "<b>P</b>" }, metadata: {} });
    expect(published.map(({ header }) => header.msg_type)).toEqual(["status", "status"]);
  });

  test("is bounded, hides secrets, and names what is not there", async () => {
    await kernel.run(
      'const token = "s3cr3t", huge = { [Symbol.for("Jupyter.display")]: () => ({ "text/plain": "short", "text/html": "x".repeat(2e6) }) }',
    );
    expect((await ask("richInspectVariables", { variableName: "huge" })).body).toEqual({
      data: { "text/plain": "short" },
      metadata: {},
    });
    expect((await ask("richInspectVariables", { variableName: "token" })).body["data"]).toEqual({
      "text/plain": "········",
    });
    expect(await ask("richInspectVariables", { variableName: "nowhere" })).toMatchObject({
      success: false,
      message: 'there is no variable "nowhere"',
    });
  });

  test("leaves text that belongs to no cell to the last cell of the notebook", async () => {
    // Node calls an observer of garbage collections from no cell's code.
    const { reply } = await kernel.run(`import { PerformanceObserver } from "node:perf_hooks"; let asked = false
      const observer = new PerformanceObserver(() => asked && (observer.disconnect(), console.log("collected")))
      observer.observe({ entryTypes: ["gc"] })
      const collects = { [Symbol.for("Jupyter.display")]() {
        asked = true; globalThis[Symbol.for("typhoon.collect")](); return { "text/plain": "F" } } }`);
    expect(reply.status).toBe("ok");
    const text = seen(kernel, ({ content }) => content["text"] === "collected\n");
    const { body } = await ask("richInspectVariables", { variableName: "collects" });
    expect(body["data"]).toEqual({ "text/plain": "F" });
    expect((await text).parent_header).toMatchObject({ msg_type: "execute_request" });
  });

  test("asks once for what a panel asks again while a cell computes", async () => {
    await kernel.run(
      'globalThis.made = 0; const counted = { [Symbol.for("Jupyter.display")]: () => ({ "text/plain": `C${(made += 1)}` }) }',
    );
    const begun = seen(kernel, ({ content }) => content["text"] === "counts\n");
    const cell = kernel.run('console.log("counts"); while (!(require("node:fs").existsSync("enough"))) {}');
    await begun;
    await Promise.all([1, 2].map(() => ask("richInspectVariables", { variableName: "counted" })));
    writeFileSync(join(kernel.folder, "enough"), "");
    await cell;
    expect((await kernel.run("made")).result).toBe("1");
    expect((await ask("richInspectVariables", { variableName: "counted" })).body["data"]).toEqual({
      "text/plain": "C2",
    });
  });

  test("falls back to the preview while a cell computes", async () => {
    await kernel.run("const waits = [1, 2]");
    const begun = seen(kernel, ({ content }) => content["text"] === "computes\n");
    const cell = kernel.run('console.log("computes"); for (;;) {}');
    await begun;
    expect((await ask("richInspectVariables", { variableName: "waits" })).body["data"]).toEqual({
      "text/plain": "[ 1, 2 ]",
    });
    await kernel.request("interrupt_request", {}, { channel: "control" });
    expect((await cell).error).toContain("Interrupted");
    expect((await kernel.run("waits.length")).result).toBe("2");
  });
});
