import * as fc from "fast-check";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { afterEach, describe, expect, expectTypeOf, test } from "vitest";
import { toMimeBundle } from "../../display/bundle.ts";
import { setOutput } from "../../display/output.ts";
import { hbox, vbox } from "../../display/widgets/box.ts";
import { button } from "../../display/widgets/button.ts";
import { checkbox, text } from "../../display/widgets/inputs.ts";
import { interact } from "../../display/widgets/interact.ts";
import { select } from "../../display/widgets/select.ts";
import { slider } from "../../display/widgets/slider.ts";
import { widget } from "../../display/widgets/widget.ts";
import { type Encoded, encode, joinState, putBuffers } from "../../display/widgets/wire.ts";
import { recordingOutput } from "./recording-output.ts";

afterEach(() => setOutput(() => undefined));

/** What a state becomes on its way to the front end and back. */
function roundTrip(state: Record<string, unknown>): Record<string, unknown> {
  const encoded = Object.entries(state).map(([name, value]): [string, Encoded] => [name, encode(value, name)]);
  const { json, paths, buffers } = joinState(encoded);
  const back = JSON.parse(JSON.stringify(json)) as Record<string, unknown>;
  const bytes = buffers.map((buffer) =>
    ArrayBuffer.isView(buffer)
      ? new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength)
      : new Uint8Array(buffer),
  );
  putBuffers(back, paths, bytes, state);
  return back;
}

describe("a state on the wire", () => {
  const bytes = fc.oneof(
    fc.uint8Array(),
    fc.float64Array(),
    fc.int16Array(),
    fc.uint8Array().map((array) => array.slice().buffer),
  );
  const leaf = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null), bytes);
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof({ depthSize: "small" }, leaf, fc.array(tie("value")), fc.dictionary(fc.string(), tie("value"))),
  }));

  test("comes back as it was, bytes with their types, wherever they are", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), value), (state) => {
        const plain = { ...(structuredClone(state) as Record<string, unknown>) };
        expect(roundTrip(plain)).toEqual(plain);
      }),
      { numRuns: 50 },
    );
  });

  test("bytes that came where there were none, or do not fit the type, are a Uint8Array", () => {
    const state: Record<string, unknown> = { a: {}, list: [] };
    putBuffers(state, [["a", "b"], ["list", 0], ["f"]], [Uint8Array.of(1), Uint8Array.of(2), Uint8Array.of(3)], {
      f: new Float32Array(2),
    });
    expect(state).toEqual({ a: { b: Uint8Array.of(1) }, list: [Uint8Array.of(2)], f: Uint8Array.of(3) });
  });

  test("a path that leads nowhere, or to a prototype, changes nothing else", () => {
    const state = { a: 1 };
    putBuffers(
      state,
      [["none", "deep"], ["a", "b"], ["__proto__", "polluted"], []],
      Array.from({ length: 4 }, () => new Uint8Array(1)),
      {},
    );
    expect(state).toEqual({ a: 1 });
    expect({}).not.toHaveProperty("polluted");
  });

  test("what JSON cannot say is named by its path", () => {
    const own: Record<string, unknown> = {};
    own["own"] = [own];
    expect(() => encode(own, "state")).toThrow("state.own.0 contains itself");
    expect(() => encode({ a: [1, { b: 2n }] }, "s")).toThrow("s.a.1.b is a bigint");
    const shared = { x: 1 };
    expect(encode([shared, shared, new Date(0)], "s").json).toEqual([shared, shared, "1970-01-01T00:00:00.000Z"]);
  });
});

describe("what a widget cannot be made of", () => {
  const folder = mkdtempSync(join(tmpdir(), "typhoon-widgets-"));
  writeFileSync(join(folder, "w.ts"), 'import nothing from "nowhere-at-all";\nexport default { render: nothing };');
  const any = (value: unknown): never => value as never;
  const calls: [string, () => unknown, string][] = [
    [
      "a box of numbers",
      () => vbox(any([1])),
      "a box holds widgets, as in vbox([slider(), checkbox()]); number 1 is 1",
    ],
    ["a box of nothing", () => vbox(any(undefined)), "a box holds a list of widgets"],
    ["a box of a widget", () => hbox(any(slider())), "a box holds a list of widgets, as in hbox("],
    ["a slider's value", () => slider({ value: any("a") }), "a slider's value must be a number, not 'a'"],
    ["a slider's options", () => slider(any(5)), "options are an object, as in slider({ min: 0, max: 10 }); this is 5"],
    ["a slider's step", () => slider({ step: 0 }), "a slider's step must be above 0, not 0"],
    ["a slider's later step", () => void (slider().options.step = -1), "a slider's step must be above 0, not -1"],
    ["a text's options", () => text(any("name")), "options are an object, as in text({"],
    ["a checkbox's options", () => checkbox(any(true)), "options are an object, as in checkbox({"],
    ["a button without text", () => button(any(undefined)), 'a button needs its text, as in button("Train"'],
    ["a button's handler", () => button("go", any(1)), "a handler is a function"],
    ["a control's handler", () => slider().on(any(undefined)), "a handler is a function, as in size.on("],
    ["choices of a text", () => select(any("abc")), 'select needs choices, as in select(["small", "large"])'],
    ["interact without controls", () => interact(() => {}, any(undefined)), "interact needs controls by name"],
    ["interact with a button", () => interact(() => {}, any({ a: button("x") })), 'has not: Button "x"'],
    [
      "a module's import",
      () => widget({ esm: join(folder, "w.ts") }),
      /w\.ts:1:21: Could not resolve "nowhere-at-all"/,
    ],
  ] as never;
  test.each(calls)("%s is refused at the call, with what to do", (_, call, message) => {
    expect(call).toThrow(message);
  });

  test("a box does not come into itself, wherever", () => {
    const inner = vbox([]);
    const outer = hbox([inner]);
    expect(() => void (inner.children = [outer])).toThrow("a box cannot be in itself");
    expect(inner.children).toEqual([]);
  });

  test("a set is choices, too", () => {
    const chosen = select(new Set(["a", "b"]), { value: "b" });
    expectTypeOf(chosen.value).toEqualTypeOf<string>();
    expect(chosen.value).toBe("b");
    expect(select(new Map([["one", 1]])).value).toBe(1);
  });
});

describe("a control in a plain Node program", () => {
  test("keeps its value and calls handlers, and shows itself as a line", async () => {
    const n = slider({ min: 0, max: 10, value: 3, description: "n" });
    const seen: unknown[] = [];
    const off = n.on((now, old) => seen.push([now, old]));
    n.value = 11;
    n.value = 10;
    off();
    n.value = 1;
    expect(seen).toEqual([[10, 3]]);
    expect(inspect(n)).toBe("IntSlider n = 1 (0 to 10)");
    expect((await toMimeBundle(n)).data["text/plain"]).toBe("IntSlider n = 1 (0 to 10)");
  });

  test("a value that was changed in place counts as changed when it is set again", () => {
    const list = widget({ esm: "x", state: { items: [1], bytes: new Uint8Array(1) } });
    const seen: unknown[] = [];
    list.on("items", (now) => seen.push([...now]));
    const { items } = list.state;
    items.push(2);
    list.state.items = items;
    list.state.items = [1, 2];
    expect(seen).toEqual([[1, 2]]);
  });

  test("two ranges that follow each other come to rest", () => {
    const [a, b] = [slider({ value: [1, 2] }), slider({ value: [3, 4] })];
    a.on((now) => void (b.value = now));
    b.on((now) => void (a.value = now));
    a.value = [5, 6];
    expect([a.value, b.value]).toEqual([
      [5, 6],
      [5, 6],
    ]);
  });

  test("values have the types of what was given", () => {
    const output = recordingOutput();
    setOutput(() => output);
    expectTypeOf(slider().value).toEqualTypeOf<number>();
    expectTypeOf(slider({ value: [1, 2] }).value).toEqualTypeOf<readonly [number, number]>();
    expectTypeOf(select(["a", "b"]).value).toEqualTypeOf<"a" | "b">();
    expectTypeOf(select({ one: 1, two: 2 }).value).toEqualTypeOf<1 | 2>();
    expectTypeOf(text().next()).toEqualTypeOf<Promise<string>>();
    const w = widget({ esm: "x", state: { n: 1, data: new Float32Array(1) } });
    expectTypeOf(w.state.data).toEqualTypeOf<Float32Array<ArrayBuffer>>();
    w.on("n", (now) => expectTypeOf(now).toEqualTypeOf<number>());
    // @ts-expect-error there is no such part
    expect(() => w.on("m", () => {})).toThrow(`no "m"`);
    const all = { n: [0, 10], f: true, t: "x", k: ["a", "b", 3], s: slider(), m: { one: 1n } } as const;
    interact((values) => {
      expectTypeOf(values.n).toEqualTypeOf<number>();
      expectTypeOf(values.f).toEqualTypeOf<boolean>();
      expectTypeOf(values.t).toEqualTypeOf<string>();
      expectTypeOf(values.k).toEqualTypeOf<"a" | "b" | 3>();
      expectTypeOf(values.s).toEqualTypeOf<number>();
      expectTypeOf(values.m).toEqualTypeOf<1n>();
    }, all);
    interact(({ n, k }) => n.toFixed() + k.toUpperCase(), { n: 1, k: ["a", "b"] });
  });

  test("interact runs its function with its controls' values", async () => {
    const output = recordingOutput();
    setOutput(() => output);
    const seen: unknown[] = [];
    const shown = interact(({ n, flag }) => void seen.push([n, flag]), { n: [0, 10], flag: checkbox() });
    shown.controls.n.value = 7;
    await shown.run();
    expect(seen).toEqual([
      [5, false],
      [7, false],
    ]);
    expect(output.shown[0]?.text).toBe("IntSlider n = 5 (0 to 10)\nCheckbox flag = false");
  });
});
