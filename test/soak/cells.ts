import type { KernelClient } from "../../kernel/cli/client.ts";
import { type Seen, see, seen } from "../kernel/harness.ts";

/** What a step of the soak works with. */
export interface Step {
  readonly kernel: KernelClient;
  /** Counts the steps: no two cells have the same text. */
  readonly i: number;
  /** Runs a cell. */
  run(code: string, options?: object): Promise<Seen>;
}

/** One or more cells of a kind; resolves with what was wrong, if anything. */
type Kind = (step: Step) => Promise<string | undefined>;

/** Says what differs, where it does. */
function expect(name: string, found: unknown, wanted: unknown): string | undefined {
  return found === wanted ? undefined : `${name}: ${String(found)} in place of ${String(wanted)}`;
}

const control = { channel: "control" } as const;

async function interrupted({ kernel, run }: Step, code: string): Promise<string | undefined> {
  const begun = seen(kernel, ({ content }) => String(content["text"]).startsWith("begun\n"));
  const cell = run(`console.log("begun")\n${code}`);
  await begun;
  await kernel.request("interrupt_request", {}, control);
  return expect("interrupt", (await cell).error, "Interrupted: the cell was interrupted");
}

/** The cells of a long session, by name; those of `frequent` run more often. */
export const kinds: Readonly<Record<string, Kind>> = {
  value: async ({ run, i }) =>
    expect("value", (await run(`const v${i % 40} = ${i}; v${i % 40} + 1`)).result, `${i + 1}`),
  assigned: async ({ run }) => {
    if ((await run("sum += 1")).reply.status === "error") await run("let sum = 0");
    return expect("assigned", (await run("sum += 1; typeof sum")).result, "'number'");
  },
  inTurn: async ({ run }) => {
    await run("const next = (n) => (n ?? 0) + 1");
    if ((await run("const ping = next(pong)")).reply.status === "error") await run("let pong = 0");
    await run("const ping = next(pong)");
    return expect("in turn", (await run("const pong = next(ping); typeof pong")).result, "'number'");
  },
  retyped: async ({ run, i }) => expect("retyped", (await run(`let w = "${i}"; w.length`)).result, `${`${i}`.length}`),
  function: async ({ run, i }) =>
    expect(
      "function",
      (
        await run(
          `interface Row { n: number }\nfunction twice${i % 40}(row: Row): number { return row.n * 2 }\ntwice${i % 40}({ n: ${i} })`,
        )
      ).result,
      `${i * 2}`,
    ),
  class: async ({ run, i }) =>
    expect(
      "class",
      (
        await run(
          `class Point { constructor(public x: number, private y = ${i}) {} get sum() { return this.x + this.y } }\nnew Point(1).sum`,
        )
      ).result,
      `${i + 1}`,
    ),
  prints: async ({ run, i }) =>
    expect("prints", (await run(`for (let n = 0; n < 20; n++) console.log(${i}, n)`)).stdout.split("\n").length, 21),
  bothStreams: async ({ run, i }) =>
    expect("streams", (await run(`console.log("${i}"); console.error("${i}")`)).stderr, `${i}\n`),
  table: async ({ run, i }) =>
    expect(
      "table",
      (await run(`display(Array.from({ length: 30 }, (_, n) => ({ n, square: n * n, of: ${i} })))`)).displays.length,
      1,
    ),
  object: async ({ run, i }) =>
    expect(
      "object",
      (await run(`({ i: ${i}, list: [1, 2, 3], nested: { deep: { map: new Map([[1, 2]]) } } })`)).reply.status,
      "ok",
    ),
  update: async ({ run, i }) =>
    expect(
      "update",
      (await run(`const shown = display("${i}"); shown.update("again ${i}"); shown.update("last")`)).displays.length,
      1,
    ),
  html: async ({ run, i }) => expect("html", (await run(`%%html\n<b>${i}</b>`)).displays.length, 1),
  error: async ({ run, i }) =>
    expect(
      "error",
      (await run(`function fails() { throw new TypeError("no ${i}") }\nfails()`)).error,
      `TypeError: no ${i}`,
    ),
  syntax: async ({ run, i }) => expect("syntax", (await run(`const = ${i}`)).reply.status, "error"),
  asyncError: async ({ run, i }) =>
    expect(
      "async error",
      (await run(`await Promise.resolve(); await Promise.reject(new RangeError("${i}"))`)).error,
      `RangeError: ${i}`,
    ),
  awaits: async ({ run, i }) =>
    expect("awaits", (await run(`await new Promise((done) => setTimeout(done, 1)); ${i}`)).result, `${i}`),
  timer: async ({ run, i }) =>
    expect("timer", (await run(`setTimeout(() => console.log("late ${i}"), 30); ${i}`)).result, `${i}`),
  interval: async ({ run, i }) =>
    expect(
      "interval",
      (
        await run(
          `{ let n = 0; const timer = setInterval(() => { console.log("tick ${i}"); if (++n === 3) clearInterval(timer) }, 5) }`,
        )
      ).reply.status,
      "ok",
    ),
  unhandled: async ({ run, i }) =>
    expect("unhandled", (await run(`setTimeout(() => { throw new Error("nobody ${i}") }, 2); ${i}`)).result, `${i}`),
  listener: async ({ run, i }) =>
    expect(
      "listener",
      (
        await run(
          `import { EventEmitter } from "node:events"; const emitter = new EventEmitter(); emitter.on("x", () => console.log("heard ${i}")); emitter.emit("x")`,
        )
      ).stdout,
      `heard ${i}\n`,
    ),
  import: async ({ run, i }) =>
    expect(
      "import",
      (await run(`import { join as j${i % 5} } from "node:path"; j${i % 5}("a", "${i}")`)).result,
      `'a/${i}'`,
    ),
  capture: async ({ run, i }) =>
    expect("capture", (await run(`%%capture caught\nconsole.log("${i}"); display(${i})`)).stdout, ""),
  time: async ({ run, i }) => expect("time", (await run(`%%time\n${i} * 2`)).reply.status, "ok"),
  who: async ({ run }) => expect("who", (await run("%who")).reply.status, "ok"),
  progress: async ({ run, i }) =>
    expect("progress", (await run(`for (const n of progress(5, { label: "${i}" })) void n`)).reply.status, "ok"),
  silent: async ({ run, i }) =>
    expect("silent", (await run(`console.log("${i}")`, { silent: true, store_history: false })).reply.status, "ok"),
  expressions: async ({ run, i }) => {
    const { reply } = await run(`const e = ${i}`, { user_expressions: { next: "e + 1", wrong: "nothere()" } });
    return expect(
      "expressions",
      (reply as unknown as { user_expressions: Record<string, { status: string }> }).user_expressions["wrong"]?.status,
      "error",
    );
  },
  completion: async ({ kernel, i }) =>
    expect(
      "completion",
      (await kernel.request("complete_request", { code: `console.l // ${i}`, cursor_pos: 9 })).reply.status,
      "ok",
    ),
  inspection: async ({ kernel }) =>
    expect(
      "inspection",
      (await kernel.request("inspect_request", { code: "console.log", cursor_pos: 9, detail_level: 0 })).reply.status,
      "ok",
    ),
  comm: async ({ kernel, run, i }) => {
    await run(
      `import { comm } from "typhoon-kernel"; comm.registerTarget("soak", (it) => { it.onMessage(({ data }) => { console.log("got " + data.n); it.send({ back: data.n }) }) })`,
    );
    await kernel.tell("comm_open", { comm_id: `soak-${i}`, target_name: "soak", data: {} });
    const said = await kernel.tell(
      "comm_msg",
      { comm_id: `soak-${i}`, data: { n: i } },
      { buffers: [Buffer.alloc(1_000)] },
    );
    await kernel.tell("comm_close", { comm_id: `soak-${i}`, data: {} });
    return expect("comm", said.filter(({ header }) => header.msg_type === "comm_msg").length, 1);
  },
  widget: async ({ run, i }) =>
    expect(
      "widget",
      (
        await run(
          `import { slider } from "typhoon-kernel"; { const s = slider({ value: ${i % 100} }); display(s); s.value = 7; s.close() }`,
        )
      ).displays.length,
      1,
    ),
  subshell: async ({ kernel, run, i }) => {
    const { reply } = await kernel.request("create_subshell_request", {}, control);
    const [main, sub] = await Promise.all([
      run(`await new Promise((done) => setTimeout(done, 1)); ${i}`),
      kernel.request("execute_request", { code: `${i} + 1` }, { subshell: reply.subshell_id }),
    ]);
    await kernel.request("delete_subshell_request", { subshell_id: reply.subshell_id }, control);
    return expect("subshell", `${main.result} ${see(sub).result}`, `${i} ${i + 1}`);
  },
  input: async ({ kernel, run, i }) => {
    kernel.onInput(() => `answer ${i}`);
    return expect("input", (await run("await input('?')", { allow_stdin: true })).result, `'answer ${i}'`);
  },
  burst: async ({ run, i }) => expect("burst", (await run(`console.log("${i} ".repeat(50_000)); 1`)).result, "1"),
  allocation: async ({ run, i }) =>
    expect(
      "allocation",
      (await run(`{ const big = new Uint8Array(5e6).fill(${i % 256}); big.length }`)).reply.status,
      "ok",
    ),
  interruptAwait: (step) => interrupted(step, `await new Promise(() => {}) // ${step.i}`),
  interruptSpin: (step) => interrupted(step, `for (let n = 0; ; n++) void (n * ${step.i})`),
  interruptPrints: (step) => interrupted(step, `for (let n = 0; ; n++) console.log(n, ${step.i})`),
  child: async ({ run, i }) =>
    expect("child", (await run(`const told${i % 5} = %sh echo ${i}\nString(told${i % 5})`)).reply.status, "ok"),
};

// Kinds that take long are a small part, as in a person's session.
const rare = new Set(["interruptAwait", "interruptSpin", "interruptPrints", "child", "burst"]);
const names = Object.keys(kinds);
const deck: readonly string[] = names.flatMap((name) => Array.from({ length: rare.has(name) ? 1 : 12 }, () => name));

/** The kind of step at a random number in [0, 1). */
export function kindAt(random: number): string {
  return deck[Math.floor(random * deck.length)]!;
}
