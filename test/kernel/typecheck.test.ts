import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Received } from "../../kernel/cli/client.ts";
import { type TestKernel, seen, startTestKernel } from "./harness.ts";
import { gone, halted, serversOf } from "./processes.ts";

const mime = "application/vnd.typhoon.diagnostics+json";

interface Place {
  readonly line: number;
  readonly column: number;
  readonly position: number;
}

interface Diagnostic {
  readonly code: number;
  readonly severity: string;
  readonly message: string;
  readonly start: Place;
  readonly end: Place;
  readonly fixes: readonly {
    readonly title: string;
    readonly edits: readonly { readonly start: Place; readonly end: Place; readonly newText: string }[];
  }[];
}

/** A cell once a fix was made, by places in code points. */
function mended(source: string, { edits }: Diagnostic["fixes"][number]): string {
  const points = Array.from(source);
  for (const { start, end, newText } of edits.toReversed()) {
    points.splice(start.position, end.position - start.position, ...newText);
  }
  return points.join("");
}

/** The next display of type errors. */
async function nextProblems(kernel: TestKernel): Promise<{
  readonly diagnostics: readonly Diagnostic[];
  readonly data: Record<string, string>;
  readonly parent: string;
}> {
  const { content, parent_header: parent } = await seen(kernel, (message) => problemsIn(message) !== undefined);
  const data = content["data"] as Record<string, never>;
  const { diagnostics } = data[mime] as unknown as { diagnostics: readonly Diagnostic[] };
  return { diagnostics, data, parent: String(parent.msg_id) };
}

function problemsIn({ content }: Received): unknown {
  return (content["data"] as Record<string, unknown> | undefined)?.[mime];
}

function stripped(text: string | undefined): string {
  return (text ?? "").replaceAll(/\u001B\[[\d;]*m/g, "");
}

describe("type errors under the cell", () => {
  let kernel: TestKernel;
  beforeAll(async () => {
    kernel = await startTestKernel();
    await kernel.run("%typecheck warn");
  });
  afterAll(() => kernel.shutdown());

  test("the cell runs, and the display is its own", async () => {
    const problems = nextProblems(kernel);
    const { reply, published } = await kernel.run("const n: number = 'five'; 1 + 1");
    expect(reply.status).toBe("ok");
    const { diagnostics, data, parent } = await problems;
    expect(parent).toBe(published[0]!.parent_header.msg_id);
    expect(diagnostics).toMatchObject([{ code: 2322, severity: "error", start: { line: 1, column: 7, position: 6 } }]);
    expect(stripped(data["text/plain"])).toMatch(
      /^In\[\d+\]:1:7 TS2322 Type 'string' is not assignable to type 'number'\.\n> 1 │ const n: number = 'five'; 1 \+ 1\n {4}│ {7}~$/,
    );
    expect(data["text/html"]).toContain(`<a href="https://typescript.tv/errors/ts2322/"`);
    expect(data["text/html"]).not.toContain("<script");
  });

  test("they come while the cell still runs", async () => {
    const problems = nextProblems(kernel);
    const run = kernel.run("const slow: number = ''; await new Promise((done) => { globalThis.release = done })");
    const { diagnostics } = await problems;
    expect(diagnostics.map(({ code }) => code)).toEqual([2322, 7017]);
    kernel.send("interrupt_request", {}, { channel: "control" });
    expect((await run).reply.status).toBe("error");
  });

  test("places count code points, and the squiggle stands below wide characters", async () => {
    const problems = nextProblems(kernel);
    await kernel.run("0\nconst s = '😀😀'; const bad: number = s");
    const { diagnostics, data } = await problems;
    expect(diagnostics[0]).toMatchObject({
      start: { line: 2, column: 23, position: 24 },
      end: { line: 2, column: 26, position: 27 },
    });
    const [, text, squiggle] = stripped(data["text/plain"]).split("\n");
    // Each of the two emoji is two columns wide.
    expect(Array.from(squiggle!.slice(0, squiggle!.indexOf("~")))).toHaveLength(
      Array.from(text!.slice(0, text!.indexOf("bad"))).length + 2,
    );
    expect(squiggle).toMatch(/~{3}$/);
  });

  test("below a magic the lines are those of the cell", async () => {
    const problems = nextProblems(kernel);
    await kernel.run("%pwd\n\nconst x2 = %pwd\nconst y2: number = x2 ? '' : 1");
    expect((await problems).diagnostics).toMatchObject([{ start: { line: 4, column: 7 } }]);
  });

  test("a syntax error is told once, by the run", async () => {
    const problems = nextProblems(kernel);
    const { error, displays } = await kernel.run("const = 5");
    expect(error).toContain("SyntaxError");
    expect(displays).toEqual([]);
    await kernel.run("const after: number = ''");
    expect((await problems).diagnostics).toHaveLength(1);
  });

  test.for<[string, string]>([
    ["readFile('😀')", "import { readFile } from \"node:fs/promises\";\nreadFile('😀')"],
    ["%%time\njoin('a')", "%%time\nimport { join } from \"node:path\";\njoin('a')"],
    ["let st1: Stats | undefined", 'import type { Stats } from "node:fs";\nlet st1: Stats | undefined'],
    ["tool('😀')", "import { tool } from \"./tool.ts\";\ntool('😀')"],
    ["'😀'.lenght", "'😀'.length"],
    ["const p1 = Promise.resolve([1]); p1.map(String)", "const p1 = Promise.resolve([1]); (await p1).map(String)"],
    ["let maybe = process.env['X']; maybe.length", "let maybe = process.env['X']; maybe?.length"],
    ["import chalk from 'chalk'", "%npm add chalk\nimport chalk from 'chalk'"],
  ])("what mends %s is data, and text", async ([source, better]) => {
    writeFileSync(join(kernel.folder, "tool.ts"), "export const tool = String");
    const problems = nextProblems(kernel);
    await kernel.run(source);
    const { diagnostics, data } = await problems;
    const [fix] = diagnostics[0]!.fixes;
    expect(mended(source, fix!)).toBe(better);
    expect(stripped(data["text/plain"])).toMatch(/ try: |Did you mean/);
  });

  test("with TYPHOON_PLAIN the text has no escape codes", async () => {
    const plain = await startTestKernel({ env: { TYPHOON_TYPECHECK: "warn", TYPHOON_PLAIN: "1" } });
    const { displays } = await plain.run("const n: number = ''");
    expect(displays[0]!["text/plain"]).toBe(
      "In[1]:1:7 TS2322 Type 'string' is not assignable to type 'number'.\n> 1 │ const n: number = ''\n    │       ~",
    );
    await plain.shutdown();
  });

  test("what the user writes is escaped", async () => {
    const problems = nextProblems(kernel);
    await kernel.run("const html: number = '<img src=x>'");
    const { data } = await problems;
    expect(data["text/html"]).toContain("&lt;img");
    expect(data["text/html"]).not.toContain("<img");
  });

  test("a server that was killed is started again and knows the names", async () => {
    await kernel.run("const known = 1");
    const [pid] = serversOf(kernel.process.pid);
    process.kill(pid!, "SIGKILL");
    await gone(pid!);
    const problems = nextProblems(kernel);
    await kernel.run("known.length");
    expect((await problems).diagnostics.map(({ code }) => code)).toEqual([2339]);
  });
});

describe("type errors for a program, which takes no output of a cell that is idle", () => {
  let kernel: TestKernel;
  beforeAll(async () => {
    kernel = await startTestKernel({ env: { TYPHOON_TYPECHECK: "warn" } });
  });
  afterAll(() => kernel.shutdown());

  const wrong = "const n: number = ''";

  test("come before idle, from the first cell on, and after the reply", async () => {
    for (let cell = 1; cell <= 3; cell += 1) {
      const { displays, reply } = await kernel.run(wrong);
      expect(reply.status).toBe("ok");
      expect(displays).toMatchObject([{ [mime]: { cell: `In[${cell}]`, diagnostics: [{ code: 2322 }] } }]);
    }
  });

  test("hold up no cell that waits", async () => {
    await halted(serversOf(kernel.process.pid)[0]);
    const [first, second] = await Promise.all([kernel.run(wrong), kernel.run("2")]);
    process.kill(serversOf(kernel.process.pid)[0]!, "SIGCONT");
    expect(first.displays).toEqual([]);
    expect(second.result).toBe("2");
  });

  test("that come late are told to be missing, once, and the next cells hardly wait", async () => {
    const [server] = serversOf(kernel.process.pid);
    await halted(server);
    const { stderr, displays } = await kernel.run(wrong);
    expect(displays).toEqual([]);
    expect(stderr).toBe(
      "typhoon: the types of this cell are not checked after 2 s: what is wrong with them may not be shown.\n",
    );
    const start = performance.now();
    expect((await kernel.run(wrong)).stderr).toBe("");
    expect(performance.now() - start).toBeLessThan(1_500);
    const problems = nextProblems(kernel);
    process.kill(server!, "SIGCONT");
    await problems;
    expect((await kernel.run(wrong)).displays).toHaveLength(1);
  });

  test("nor a person", async () => {
    const problems = nextProblems(kernel);
    await halted(serversOf(kernel.process.pid)[0]);
    expect((await kernel.run(wrong, { allow_stdin: true })).displays).toEqual([]);
    process.kill(serversOf(kernel.process.pid)[0]!, "SIGCONT");
    expect((await problems).diagnostics).toHaveLength(1);
  });

  test("a silent cell shows none", async () => {
    expect((await kernel.run(wrong, { silent: true })).published.map(({ header }) => header.msg_type)).toEqual([
      "status",
      "status",
    ]);
  });
});

describe("%typecheck", () => {
  let kernel: TestKernel;
  beforeAll(async () => {
    kernel = await startTestKernel();
  });
  afterAll(() => kernel.shutdown());

  test("says and sets the mode", async () => {
    expect((await kernel.run("%typecheck")).stdout).toBe("typecheck = off: types are not checked\n");
    expect((await kernel.run("%typecheck block")).stdout).toContain("typecheck = block");
    expect((await kernel.run("const m = %typecheck\nm")).result).toBe("'block'");
    expect((await kernel.run("%typecheck none")).error).toContain("it is off, warn or block");
  });

  test("block stops a cell before it runs, and says how to go on", async () => {
    await kernel.run("%typecheck block");
    const { error, stdout, traceback, reply } = await kernel.run("console.log('ran'); const n: number = ''");
    expect(error).toBe("TypeCheckError: 1 type error; the cell did not run. `%typecheck warn` lets such cells run");
    expect(stdout).toBe("");
    expect(reply.status).toBe("error");
    expect(traceback).toContain("~");
  });

  test("block can be left by a cell", async () => {
    await kernel.run("%typecheck block");
    expect((await kernel.run("%typecheck off\nconst n: number = ''")).error).toBeUndefined();
    expect((await kernel.run("const o: number = ''")).error).toBeUndefined();
  });

  test("names of cells that ran while it was off are known", async () => {
    await kernel.run("%typecheck off");
    await kernel.run("const offName = 1");
    await kernel.run("%typecheck block");
    expect((await kernel.run("offName.length")).error).toContain("TypeCheckError");
    expect((await kernel.run("offName.toFixed()")).error).toBeUndefined();
  });

  test("names are gone with the runtime", async () => {
    await kernel.run("const lostName = 1");
    await kernel.run("%typecheck off\nprocess.exit(3)");
    await kernel.run("%typecheck block");
    expect((await kernel.run("lostName")).error).toContain("TypeCheckError");
  });
});
