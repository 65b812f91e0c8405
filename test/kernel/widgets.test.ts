import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Received } from "../../kernel/cli/client.ts";
import { type TestKernel, see, seen, startTestKernel } from "./harness.ts";

const imports = `import { button, checkbox, hbox, interact, select, slider, text, vbox, widget } from "typhoon-kernel"`;

let kernel: TestKernel;
beforeAll(async () => {
  kernel = await startTestKernel({ env: { TYPHOON_PLAIN: "1" } });
  await kernel.run(imports);
});
afterAll(() => kernel.shutdown());

type Fields = Record<string, unknown>;

/** Runs a cell that makes a widget called `name`; returns the widget's id. */
async function make(name: string, code: string): Promise<string> {
  const { error } = await kernel.run(`const ${name} = ${code}; ${name}`);
  expect(error).toBeUndefined();
  return idOf(`${name}.id`);
}

async function idOf(expression: string): Promise<string> {
  return (await kernel.run(expression)).result!.slice(1, -1);
}

/** Sends what a front end sends when a person changes a control. */
function change(id: string, state: Fields): Promise<readonly Received[]> {
  return kernel.tell("comm_msg", { comm_id: id, data: { method: "update", state, buffer_paths: [] } });
}

const dataOf = (published: readonly Received[]): unknown[] =>
  published.filter(({ header }) => header.msg_type === "comm_msg").map(({ content }) => content["data"]);

/** The states that were sent of one model, with the kind of message. */
const statesOf = (published: readonly Received[], id: string): unknown[] =>
  published
    .filter(({ header, content }) => header.msg_type === "comm_msg" && content["comm_id"] === id)
    .map(({ content }) => content["data"] as Fields)
    .map(({ method, state }) => [method, state]);

const types = (published: readonly Received[]): string[] => published.map(({ header }) => header.msg_type);

/** Resolves with the next text that is printed under a cell. */
const printed = (text: string): Promise<Received> =>
  seen(kernel, ({ header, content }) => header.msg_type === "stream" && String(content["text"]).includes(text));

describe("a control", () => {
  test("refuses bounds of the front end that are none, and goes on", async () => {
    const id = await make("bounded", "slider({ min: 0, max: 10, value: 4 })");
    const published = await change(id, { min: "x" });
    expect(statesOf(published, id).at(-1)).toEqual(["update", { min: 0 }]);
    expect((await kernel.run("bounded.options.max = 3; [bounded.value, bounded.options.min]")).result).toBe("[ 3, 0 ]");
  });

  test("is shown by its view, and in words", async () => {
    const { published } = await kernel.run(`slider({ min: 0, max: 5, value: 3, description: "n" })`);
    const opened = published.filter(({ header }) => header.msg_type === "comm_open");
    const shown = published.find(({ header }) => header.msg_type === "execute_result");
    expect(shown?.content["data"]).toEqual({
      "application/vnd.jupyter.widget-view+json": {
        version_major: 2,
        version_minor: 0,
        model_id: opened.at(-1)?.content["comm_id"],
      },
      "text/plain": "IntSlider n = 3 (0 to 5)",
    });
    expect(opened.at(-1)?.metadata).toEqual({ version: "2.1.0" });
  });

  test("echoes what the front end changes, mends it, and calls handlers under the cell that added them", async () => {
    const id = await make("mended", "slider({ min: 0, max: 10 })");
    const cell = kernel.send("execute_request", {
      code: `mended.on((now, old) => console.log("now", now, "was", old));`,
    });
    const { published: ofCell } = await cell.answer;
    const print = printed("now 10 was 0");
    const published = await change(id, { value: 77, unknown: 1 });
    expect(types(published)).toEqual(["status", "comm_msg", "comm_msg", "status"]);
    expect(statesOf(published, id)).toEqual([
      ["echo_update", { value: 77 }],
      ["update", { value: 10 }],
    ]);
    expect((await print).parent_header.msg_id).toBe(ofCell[0]!.parent_header.msg_id);
    // The same again is no change.
    expect(statesOf(await change(id, { value: 10 }), id)).toEqual([["echo_update", { value: 10 }]]);
    expect((await kernel.run("mended.value")).result).toBe("10");
  });

  test("shows an error of a handler under the cell that added it, and goes on", async () => {
    const id = await make("failing", "checkbox()");
    const { published: ofCell } = await kernel.run(
      `failing.on(async () => { await null; throw new RangeError("no") }); failing.on((now) => console.log("second", now));`,
    );
    const error = seen(kernel, ({ header }) => header.msg_type === "error");
    const print = printed("second true");
    await change(id, { value: true });
    expect((await error).content).toMatchObject({ ename: "RangeError", evalue: "no" });
    expect((await error).parent_header.msg_id).toBe(ofCell[0]!.parent_header.msg_id);
    await print;
    expect((await kernel.run("failing.value")).result).toBe("true");
  });

  test("sends what code sets, together where it changes fast, the last value always", async () => {
    const id = await make("fast", "slider({ max: 1_000_000 })");
    const { published } = await kernel.run("for (let i = 0; i <= 20_000; i++) fast.value = i;");
    const states = statesOf(published, id);
    expect(states.length).toBeLessThan(200);
    expect(states.at(-1)).toEqual(["update", { value: 20_000 }]);
    const { published: together, result } = await kernel.run("fast.options.min = 7; fast.options.max = 8; fast.value");
    // In one message or two, as the pace has it.
    const merged = Object.assign({}, ...statesOf(together, id).map((sent) => (sent as [string, object])[1])) as object;
    expect(merged).toEqual({ min: 7, max: 8, value: 8 });
    expect(result).toBe("8");
  });

  test("sends no more where a loop awaits or a handler sets it, and the last value before its cell has ended", async () => {
    const id = await make("paced", "slider({ max: 2_000 })");
    const followerId = await make("follower", "slider({ max: 2_000 })");
    const { published, result } = await kernel.run(
      `paced.on((now) => { follower.value = now });
       const began = performance.now();
       for (let i = 1; i <= 2_000; i++) { paced.value = i; await new Promise<void>((done) => setImmediate(done)); }
       performance.now() - began`,
    );
    for (const each of [id, followerId]) {
      const states = statesOf(published, each);
      expect(states.length).toBeLessThan(Number(result) / 40 + 3);
      expect(states.at(-1)).toEqual(["update", { value: 2_000 }]);
    }
    // What is set in a moment between goes out by itself, under the cell that set it.
    const last = seen(kernel, ({ content }) => JSON.stringify(content["data"] ?? {}).includes(`"value":7`));
    const { published: ofCell } = await kernel.run(
      "setTimeout(() => { for (const n of [5, 6, 7]) paced.value = n; }, 5);",
    );
    expect((await last).parent_header.msg_id).toBe(ofCell[0]!.parent_header.msg_id);
  });

  test("is awaited while a cell runs, and looped over", async () => {
    const id = await make("awaited", "select({ small: 1, large: 100 })");
    const cell = kernel.send("execute_request", {
      code: `console.log("first");
             const first = await awaited.next();
             console.log("second");
             const all = [first];
             for await (const now of awaited) { all.push(now); if (now === 100) break; console.log("third"); }
             all`,
    });
    await printed("first");
    await Promise.all([printed("second"), change(id, { index: 1 })]);
    await Promise.all([printed("third"), change(id, { index: 0 })]);
    await change(id, { index: 1 });
    expect(see(await cell.answer).result).toBe("[ 100, 1, 100 ]");
  });

  test("that nobody moves is waited for until an interrupt, or until it is closed", async () => {
    await make("still", "slider()");
    const cell = kernel.send("execute_request", { code: `console.log("waiting"); await still.next()` });
    await printed("waiting");
    await kernel.request("interrupt_request", {}, { channel: "control" });
    expect(see(await cell.answer).error).toBe("Interrupted: the cell was interrupted");
    const { error, published } = await kernel.run("setTimeout(() => still.close(), 5); await still.next()");
    expect(error).toBe("Error: this widget was closed: there is nothing more to wait for");
    expect(types(published).filter((type) => type === "comm_close")).toHaveLength(3);
    expect((await kernel.run("still.value = 3")).error).toBe("Error: this widget was closed; make a new one");
    const shown = (await kernel.run("still")).published.find(({ header }) => header.msg_type === "execute_result");
    expect(shown?.content["data"]).toEqual({ "text/plain": "IntSlider = 0 (0 to 100) (closed)" });
  });

  test.for([`(await import("typhoon-kernel")).comm.closeAll()`, "%reset -f"])(
    "that is closed with all others by %s tells those who wait",
    async (code) => {
      await make("ended", "slider()");
      await kernel.run(
        `void ended.next().catch(({ message }) => console.log(message));
         void (async () => { for await (const _ of ended); console.log("loop over") })();`,
      );
      const told = [printed("nothing more to wait for"), printed("loop over")];
      const closed = (await kernel.run(code)).published.filter(({ header }) => header.msg_type === "comm_close");
      expect(closed.length).toBeGreaterThan(2);
      await Promise.all(told);
      await kernel.run(imports);
    },
  );

  test("refuses a choice of the front end that is none", async () => {
    const id = await make("chosen", `select(["a", "b"], { value: "b" })`);
    for (const index of [7, -1, 0.5, "x", null]) {
      const published = await change(id, { index });
      const error = published.find(({ header }) => header.msg_type === "error");
      expect(error?.content["evalue"]).toContain("a choice of this list is a number from 0 to 1, not ");
      expect(statesOf(published, id)).toEqual([
        ["echo_update", { index }],
        ["update", { index: 1 }],
      ]);
      expect((await kernel.run("chosen.value")).result).toBe("'b'");
    }
  });

  test("that spins in a handler is interrupted", async () => {
    const id = await make("spinning", "slider()");
    const { published: ofCell } = await kernel.run(`spinning.on(() => { console.log("spins"); for (;;); });`);
    const print = printed("spins");
    const told = change(id, { value: 3 });
    await print;
    const error = seen(kernel, ({ header }) => header.msg_type === "error");
    await kernel.request("interrupt_request", {}, { channel: "control" });
    expect(types(await told)).toContain("error");
    expect((await error).parent_header.msg_id).toBe(ofCell[0]!.parent_header.msg_id);
    expect((await kernel.run("spinning.value")).result).toBe("3");
  });

  test.for([
    ["slider({ min: 5, max: 1 })", "RangeError: a slider's min must not be above its max: 5 > 1"],
    [`slider({ max: "9" as never })`, "TypeError: a slider's max must be a number, not '9'"],
    [`slider().value = "9" as never`, "TypeError: a slider's value must be a number, not '9'"],
    ["slider({ value: [2, 3] }).value = [3, 2]", "RangeError: a range's lower end must not be above its upper: 3 > 2"],
    ["slider({ maximum: 3 } as never)", `TypeError: a IntSlider has no "maximum"; it has behavior, continuousUpdate`],
    ["slider({ layout: { widht: '3em' } as never })", `TypeError: a layout has no "widht"; it has alignContent`],
    [`select(["a", "b"]).value = "c" as never`, `RangeError: there is no choice "c" in this list: "a", "b"`],
    [`select(["a", "b"]).options.index = 2`, "RangeError: a choice of this list is a number from 0 to 1, not 2"],
    ["select([])", "TypeError: select needs something to choose from: the list is empty"],
    ["checkbox().value = 1 as never", "TypeError: a checkbox's value must be a boolean, not 1"],
    ["widget({} as never)", "TypeError: widget needs a module: widget({ esm:"],
    [`widget({ esm: "./none.js" })`, "Error: esm: there is no file ./none.js."],
    [`widget({ esm: "x", state: { n: 1n } })`, "TypeError: n is a bigint, which JSON cannot say"],
    [`widget({ esm: "x", state: { a: { f: () => 1 } } })`, "TypeError: a.f is a function, which JSON cannot say"],
    [`widget({ esm: "x", state: { m: new Map() } })`, "TypeError: m is a Map: make it an object"],
    [`widget({ esm: "x", state: { _n: 1 } })`, `TypeError: a part of a widget's state must not be called "_n"`],
    [`widget({ esm: "x", state: { n: 1 } }).on("m" as never, () => {})`, `state has no "m"; it has n`],
    [`(widget({ esm: "x", state: { n: 1 } }).state as any).m = 1`, "TypeError: Cannot add property m"],
    [`interact(() => {}, { n: null as never })`, "TypeError: interact: n must be a control"],
  ] as const)("refuses in words %s", async ([code, message]) => {
    expect((await kernel.run(code)).error).toContain(message);
  });
});

describe("a button", () => {
  test("calls its handlers and wakes who awaits it, at a click", async () => {
    await kernel.run(`const go = button("Go", () => console.log("clicked"))`);
    const id = await idOf("go.id");
    const cell = kernel.send("execute_request", { code: `console.log("ready"); await go.next(); "went"` });
    await printed("ready");
    const click = kernel.tell("comm_msg", {
      comm_id: id,
      data: { method: "custom", content: { event: "click" } },
    });
    await Promise.all([printed("clicked"), click]);
    expect(see(await cell.answer).result).toBe("'went'");
  });
});

describe("a widget with a module", () => {
  test("shares bytes both ways, as the kind of array that they were", async () => {
    const { published } = await kernel.run(
      `const bytes = widget({ esm: "export default {}", css: "b {}", state: { n: 1, deep: { list: [new Float64Array([1.5])] }, raw: new Uint8Array([1, 2]).buffer } });
       bytes`,
    );
    const open = published.findLast(({ header }) => header.msg_type === "comm_open")!;
    expect(open.content["data"]).toMatchObject({
      state: { _model_module: "anywidget", _esm: "export default {}", _css: "b {}", n: 1, deep: { list: [null] } },
      buffer_paths: [["deep", "list", 0], ["raw"]],
    });
    expect((open.content["data"] as { state: Fields }).state).not.toHaveProperty("raw");
    expect(open.buffers.map((buffer) => buffer.length)).toEqual([8, 2]);
    const id = String(open.content["comm_id"]);
    const sent = await kernel.tell(
      "comm_msg",
      {
        comm_id: id,
        data: { method: "update", state: { deep: { list: [null] } }, buffer_paths: [["deep", "list", 0], ["raw"]] },
      },
      { buffers: [Buffer.from(new Float64Array([2.5, 3.5]).buffer), Buffer.from([9])] },
    );
    const echo = sent.find(({ header }) => header.msg_type === "comm_msg")!;
    expect(echo.content["data"]).toMatchObject({ method: "echo_update", buffer_paths: [["deep", "list", 0], ["raw"]] });
    expect(echo.buffers.map((buffer) => buffer.length)).toEqual([16, 1]);
    expect((await kernel.run("bytes.state")).result).toMatch(
      /list: \[ Float64Array\(2\) \[ 2\.5, 3\.5 \] \].*ArrayBuffer.*<09>/s,
    );
  });

  test("exchanges messages with bytes", async () => {
    const id = await make("talking", `widget({ esm: "x", state: {} })`);
    await kernel.run(
      `talking.onMessage((content, [bytes]) => talking.send({ back: content, sum: bytes.length }, { buffers: [bytes] }))`,
    );
    const answered = seen(kernel, ({ header }) => header.msg_type === "comm_msg");
    await kernel.tell(
      "comm_msg",
      { comm_id: id, data: { method: "custom", content: ["any", { json: 1 }] } },
      { buffers: [Buffer.from("abc")] },
    );
    expect((await answered).content["data"]).toEqual({
      method: "custom",
      content: { back: ["any", { json: 1 }], sum: 3 },
    });
    expect(Buffer.from((await answered).buffers[0]!).toString()).toBe("abc");
  });

  test("takes its module from a file, TypeScript and its imports made ready for the page", async () => {
    await kernel.run(
      `import { writeFileSync } from "node:fs";
       writeFileSync("part.ts", "export const words: string = 'from a part';");
       writeFileSync("module.tsx", "import { words } from './part.ts'; export default { render: ({ el }: { el: HTMLElement }) => { el.textContent = words } }");
       writeFileSync("plain.js", "export default { plain: 1 }"); writeFileSync("style.css", ".a {}");`,
    );
    const esm = async (options: string): Promise<Fields> => {
      const { published, error } = await kernel.run(`widget({ ${options} })`);
      expect(error).toBeUndefined();
      const open = published.findLast(({ header }) => header.msg_type === "comm_open")!;
      return (open.content["data"] as { state: Fields }).state;
    };
    expect((await esm(`esm: "./module.tsx"`))["_esm"]).toMatch(/from a part[^]*textContent[^]*export/);
    const plain = { _esm: "export default { plain: 1 }", _css: ".a {}" };
    expect(await esm(`esm: "plain.js", css: "style.css"`)).toMatchObject(plain);
    expect(
      await esm(`esm: new URL("./plain.js", import.meta.url), css: new URL("./style.css", import.meta.url)`),
    ).toMatchObject(plain);
    expect(await esm(`esm: "https://example.org/w.js"`)).toMatchObject({ _esm: "https://example.org/w.js" });
  });
});

describe("a page that comes later", () => {
  test("asks for one state, or for all of them", async () => {
    await kernel.run("%reset -f");
    await kernel.run(imports);
    const id = await make("late", `widget({ esm: "x", state: { n: 1, data: new Uint8Array([7]) } })`);
    await kernel.run("late.state.n = 2");
    const one = await kernel.tell("comm_msg", { comm_id: id, data: { method: "request_state" } });
    expect(dataOf(one)).toMatchObject([{ method: "update", state: { n: 2, _esm: "x" }, buffer_paths: [["data"]] }]);
    await kernel.tell("comm_open", { comm_id: "control-1", target_name: "jupyter.widget.control", data: {} });
    const all = await kernel.tell("comm_msg", { comm_id: "control-1", data: { method: "request_states" } });
    const [answer] = all.filter(({ header }) => header.msg_type === "comm_msg");
    const { method, states, buffer_paths } = answer!.content["data"] as { states: Fields } & Fields;
    expect(method).toBe("update_states");
    expect(Object.keys(states)).toHaveLength(2); // with its layout, and nothing that %reset has closed
    expect(states[id]).toMatchObject({
      model_name: "AnyModel",
      model_module: "anywidget",
      model_module_version: "*",
      state: { n: 2, _esm: "x" },
    });
    expect(buffer_paths).toEqual([[id, "state", "data"]]);
    expect(answer!.buffers.map((buffer) => [...buffer])).toEqual([[7]]);
  });
});
