import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Received } from "../../kernel/cli/client.ts";
import { type TestKernel, seen, startTestKernel } from "./harness.ts";

let kernel: TestKernel;
beforeAll(async () => {
  kernel = await startTestKernel({ env: { TYPHOON_PLAIN: "1" } });
  await kernel.run(`import { interact, select, slider } from "typhoon-kernel"`);
});
afterAll(() => kernel.shutdown());

/** An output as the area below the controls holds it. */
type Output = { readonly text?: string; readonly data?: Record<string, unknown>; readonly evalue?: string };

/** What an area shows, in short. */
const shownBy = (message: Received | undefined): unknown[] => {
  const { state } = (message?.content["data"] ?? {}) as { state?: { outputs?: readonly Output[] } };
  return (state?.outputs ?? []).map(({ text, data, evalue }) => text ?? data?.["text/plain"] ?? { error: evalue });
};

const isArea = ({ header, content }: Received): boolean =>
  header.msg_type === "comm_msg" && "outputs" in ((content["data"] as { state?: object }).state ?? {});

/** Resolves when an area shows this. */
const areaShows = (text: string): Promise<Received> =>
  seen(kernel, (message) => isArea(message) && JSON.stringify(shownBy(message)).includes(text));

async function idOf(expression: string): Promise<string> {
  return (await kernel.run(expression)).result!.slice(1, -1);
}

function change(id: string, state: Record<string, unknown>): Promise<readonly Received[]> {
  return kernel.tell("comm_msg", { comm_id: id, data: { method: "update", state, buffer_paths: [] } });
}

/** Types of what was published, without comms and the frame of a request. */
const others = (published: readonly Received[]): string[] =>
  published.map(({ header }) => header.msg_type).filter((type) => !/^(?:comm_|status|execute_input)/.test(type));

describe("interact", () => {
  test("makes a control of each abbreviation", async () => {
    const { error, result } = await kernel.run(
      `const all = interact((values) => values, { pair: [0, 9], part: [0, 1.5], n: 4, flag: true, word: "w", list: ["a", "b", "c"], named: { one: 1 }, own: slider({ value: 3 }) });
       Object.entries(all.controls).map(([name, it]) => [name, it.value, String(Object.values(it.options).includes(name))].join())`,
    );
    expect(error).toBeUndefined();
    expect(result).toMatch(
      /'pair,4,true'.*'part,0\.75,true'.*'n,4,true'.*'flag,true,true'.*'word,w,true'.*'list,a,true'.*'named,1,true'.*'own,3,true'/s,
    );
  });

  test("shows what its function prints, shows, returns and throws in its own area only", async () => {
    const { published } = await kernel.run(
      `const shows = interact(({ kind }) => {
         console.log("print", kind); console.error("warn"); const handle = display("first"); handle.update("updated");
         if (kind === "bad") throw new RangeError("thrown");
         return kind;
       }, { kind: ["good", "bad"] });
       shows`,
    );
    expect(others(published)).toEqual(["display_data"]);
    expect(shownBy(published.findLast(isArea))).toEqual(["print good\n", "warn\n", "'updated'", "'good'"]);
    const words = (published.find(({ header }) => header.msg_type === "display_data")!.content["data"] as never)[
      "text/plain"
    ];
    expect(words).toBe("Dropdown kind = 'good'\nprint good\nwarn\n'updated'\n'good'");
    const id = await idOf("shows.controls.kind.id");
    const area = areaShows("thrown");
    expect(others(await change(id, { index: 1 }))).toEqual([]);
    expect(shownBy(await area)).toEqual(["print bad\n", "warn\n", "'updated'", { error: "thrown" }]);
  });

  test("waits for its first run where nobody watches, so that the notebook has its output", async () => {
    const { published } = await kernel.run(
      `interact(async ({ n }) => { await new Promise((done) => setTimeout(done, 20)); return "made " + n }, { n: 3 });`,
    );
    expect(shownBy(published.findLast(isArea))).toEqual(["'made 3'"]);
  });

  test("says what its first run shows where no widgets are drawn", async () => {
    const wordsOf = async (code: string): Promise<unknown> => {
      const { published } = await kernel.run(code);
      const shown = published.filter(({ header }) => header.msg_type.endsWith("display_data"));
      return (shown.at(-1)!.content["data"] as never)["text/plain"];
    };
    expect(await wordsOf(`interact(() => { throw new Error("in interact") }, { a: 1 });`)).toBe(
      "IntSlider a = 1 (-1 to 3)\nError: in interact",
    );
    const slow = `interact(async () => { await new Promise((done) => setTimeout(done, 20)); return "made" }, { a: 1 });`;
    expect(await wordsOf(slow)).toBe("IntSlider a = 1 (-1 to 3)\n'made'");
  });

  test("fails its cell with its first run's error where nobody watches", async () => {
    const ci = await startTestKernel({ env: { TYPHOON_PLAIN: "1", CI: "true" } });
    try {
      await ci.run(`import { interact } from "typhoon-kernel"`);
      const both = `interact(() => { throw new Error("now") }, {}); interact(async () => { await null; throw new Error("soon") }, {});`;
      expect(await ci.run(both)).toMatchObject({ error: "Error: now", reply: { status: "error" } });
      const soon = await ci.run(`const it = interact(async () => { await 1; throw new Error("soon") }, {}); it`);
      expect(soon).toMatchObject({ error: "Error: soon", reply: { status: "error" } });
      expect(soon.traceback).toMatch(/In\[3\]:1/);
      expect(soon.displays).toHaveLength(1);
    } finally {
      await ci.shutdown();
    }
    const seenByPerson = await kernel.run(`interact(() => { throw new Error("now") }, {});`);
    expect(seenByPerson.error).toBeUndefined();
  });

  test("runs with the newest values, one run at a time, those between left out", async () => {
    await kernel.run(
      `const ran: number[] = []; let running = 0, most = 0;
       const many = interact(async ({ n }) => {
         most = Math.max(most, ++running);
         await new Promise((done) => setTimeout(done, 5));
         running--; ran.push(n); return "ran " + n;
       }, { n: [0, 1_000] });`,
    );
    const id = await idOf("many.controls.n.id");
    const area = areaShows("'ran 300'");
    await Promise.all(Array.from({ length: 300 }, (_, at) => change(id, { value: at + 1 })));
    await area;
    const { result } = await kernel.run("[ran.length < 150, ran.at(-1), most]");
    expect(result).toBe("[ true, 300, 1 ]");
  });

  test("keeps the last run's output until the next one's is whole, for a while", async () => {
    await kernel.run(
      `const whole = interact(async ({ n }) => {
         console.log("part", n);
         await new Promise((done) => setTimeout(done, 200));
         return n;
       }, { n: 1 });`,
    );
    const id = await idOf("whole.controls.n.id");
    const next = seen(kernel, isArea);
    await change(id, { value: 2 });
    expect(shownBy(await next)).toEqual(["part 2\n", "2"]);
  });

  test("stops a run that newer values wait for, and drops what it still writes", async () => {
    await kernel.run(
      `const begun: number[] = [], ends: string[] = [], stale = Promise.withResolvers<void>();
       const slow = interact(async ({ n }) => {
         begun.push(n);
         if (n === 6) stale.promise.then(() => console.log("after"));
         if (n % 2 === 0) return "even " + n;
         setTimeout(() => { console.log("late"); stale.resolve() }, 450);
         try { await new Promise(() => {}) } catch (error) { ends.push(error.name); console.log("stopped"); throw error }
       }, { n: slider({ value: 2 }) });`,
    );
    const id = await idOf("slow.controls.n.id");
    await change(id, { value: 1 });
    const area = areaShows("even 6");
    await change(id, { value: 4 });
    await change(id, { value: 6 });
    expect(shownBy(await area)).toEqual(["'even 6'"]);
    expect(shownBy(await areaShows("after"))).toEqual(["'even 6'", "after\n"]);
    expect((await kernel.run("[begun, ends]")).result).toBe("[ [ 2, 1, 6 ], [ 'Interrupted' ] ]");
  });

  test("stops a query of a run that newer values wait for", async () => {
    await kernel.run(
      `const counts = interact(async ({ rows }) => {
         console.log("counts", rows);
         const table = await sql\`select count(*)::integer c from range(\${rows}) a, range(\${rows}) b where a.range < b.range\`;
         return table.get(0).c;
       }, { rows: select([3, 10_000_000, 4]) });`,
    );
    const id = await idOf("counts.controls.rows.id");
    const begun = areaShows("counts 10000000");
    await change(id, { index: 1 });
    await begun;
    const area = areaShows('"6"');
    await change(id, { index: 2 });
    const shown = shownBy(await area);
    // Where the stopped query takes its time to end, the bar of the next one shows meanwhile.
    expect([shown[0], shown.at(-1)]).toEqual(["counts 4\n", "6"]);
  });

  test("run by its button, is interrupted as a cell is", async () => {
    await kernel.run(
      `const stuck = interact(async () => { console.log("begun"); await new Promise(() => {}) }, {}, { manual: true });`,
    );
    const button = await idOf("stuck.view.children[0].id");
    const begun = areaShows("begun");
    const click = kernel.tell("comm_msg", { comm_id: button, data: { method: "custom", content: { event: "click" } } });
    await begun;
    const area = areaShows("interrupted");
    await kernel.request("interrupt_request", {}, { channel: "control" });
    expect(shownBy(await area)).toEqual(["begun\n", { error: "the cell was interrupted" }]);
    await click;
  });

  test("stops a run that only a control waits for, by an interrupt", async () => {
    await kernel.run(
      `const waits = interact(async ({ n }) => { console.log("begun", n); if (n > 0) await new Promise(() => {}) }, { n: slider({ value: 0 }) });`,
    );
    const id = await idOf("waits.controls.n.id");
    const begun = areaShows("begun 3");
    await change(id, { value: 3 });
    await begun;
    const interrupted = areaShows("interrupted");
    await kernel.request("interrupt_request", {}, { channel: "control" });
    expect(shownBy(await interrupted)).toContainEqual({ error: "the cell was interrupted" });
  });

  test("runs again after a run that spun was interrupted", async () => {
    await kernel.run(
      `const spins = interact(({ n }) => { console.log("spins at", n); if (n === 1) for (;;); }, { n: slider({ value: 3 }) });`,
    );
    const id = await idOf("spins.controls.n.id");
    const stopped = areaShows("interrupted");
    // What it prints is in its area, which nothing can show while it spins; the echo is sent just before it runs.
    const echo = seen(kernel, ({ header, content }) => header.msg_type === "comm_msg" && content["comm_id"] === id);
    const told = change(id, { value: 1 });
    await echo;
    await kernel.request("interrupt_request", {}, { channel: "control" });
    expect((await told).map(({ header }) => header.msg_type)).toContain("error");
    expect(shownBy(await stopped)).toEqual(["spins at 1\n", { error: "the cell was interrupted" }]);
    const area = areaShows("spins at 2");
    await change(id, { value: 2 });
    expect(shownBy(await area)).toEqual(["spins at 2\n"]);
  });

  test("whose function changes its own controls lets cells and the interrupt in", async () => {
    await kernel.run(
      `let turns = 0;
       const turning: any = interact(({ a, b }) => {
         turns++;
         if (turning) turning.controls.b.value = a + b === 10 ? b + 1 : 10 - a;
         return b;
       }, { a: [0, 9], b: [0, 20] });
       undefined`,
    );
    let messages = 0;
    kernel.onPublished(() => void messages++);
    await kernel.run("turning.controls.a.value = 3");
    await kernel.run("await new Promise((done) => setTimeout(done, 400))");
    expect((await kernel.run("turns > 4 && turns < 40")).result).toBe("true");
    expect(messages).toBeLessThan(150);
    const area = areaShows("interrupted");
    await kernel.request("interrupt_request", {}, { channel: "control" });
    await area;
    await kernel.run("const turned = turns; await new Promise((done) => setTimeout(done, 200))");
    expect((await kernel.run("turns - turned")).result).toBe("0");
  });

  test("shows that a run was interrupted which does not heed it", async () => {
    await kernel.run(
      `const deaf = interact(({ n }) => n === 0 ? "first" : new Promise((done) => setTimeout(done, 1_500, "done")), { n: slider({ value: 0 }) });`,
    );
    await change(await idOf("deaf.controls.n.id"), { value: 1 });
    const area = areaShows("interrupted");
    await kernel.request("interrupt_request", {}, { channel: "control" });
    expect(shownBy(await area)).toEqual([{ error: "the cell was interrupted" }]);
  });

  test("keeps a flood within bounds and says how much is left out", async () => {
    const { published } = await kernel.run(
      `interact(() => { for (let i = 0; i < 100_000; i++) console.log("line", i); for (let i = 0; i < 1_000; i++) display(i) }, {});`,
    );
    const area = published.findLast(isArea);
    expect(JSON.stringify(area?.content).length).toBeLessThan(400_000);
    expect(shownBy(area).at(-1)).toMatch(/^\n[\d,]+ more outputs of this run are left out\.\n$/);
  });

  test("runs by a button, by code, and no more once it is closed", async () => {
    const { published } = await kernel.run(
      `let runs = 0; const manual = interact(() => ++runs, { n: 1 }, { manual: true }); `,
    );
    expect(published.filter(isArea)).toEqual([]);
    await change(await idOf("manual.controls.n.id"), { value: 2 });
    const button = await idOf("manual.view.children[1].id");
    const first = areaShows('"1"');
    await kernel.tell("comm_msg", { comm_id: button, data: { method: "custom", content: { event: "click" } } });
    await first;
    const second = await kernel.run("await manual.run(); runs");
    expect(second.result).toBe("2");
    const closed = await kernel.run("manual.close(); [manual.view.closed, manual.controls.n.closed]");
    expect(closed.result).toBe("[ true, true ]");
    expect(closed.published.filter(({ header }) => header.msg_type === "comm_close").length).toBeGreaterThan(8);
  });

  test("is interrupted with its cell in its first run", async () => {
    const running = seen(kernel, ({ header }) => header.msg_type === "display_data");
    const cell = kernel.send("execute_request", { code: `interact(async () => { await new Promise(() => {}) }, {});` });
    await running;
    await kernel.request("interrupt_request", {}, { channel: "control" });
    const { reply, published } = await cell.answer;
    expect(reply).toMatchObject({ status: "error", ename: "Interrupted" });
    expect(shownBy(published.findLast(isArea))).toEqual([{ error: "the cell was interrupted" }]);
  });
});
