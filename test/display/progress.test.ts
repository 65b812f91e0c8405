import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { setOutput } from "../../display/output.ts";
import { progress } from "../../display/progress.ts";
import { recordingOutput } from "./recording-output.ts";

beforeEach(() => void vi.useFakeTimers({ toFake: ["performance"] }));
afterEach(() => {
  vi.useRealTimers();
  setOutput(() => undefined);
});

describe("a progress bar", () => {
  test("moves at most four times a second in one display and ends with a final line", () => {
    const output = recordingOutput();
    setOutput(() => output);
    const bar = progress.start({ label: "shop", total: 1_000, unit: "rows" });
    for (let step = 0; step < 1_000; step++) {
      bar.advance();
      vi.advanceTimersByTime(2);
    }
    bar.done();
    bar.advance();
    expect(output.shown.length).toBeGreaterThan(6);
    expect(output.shown.length).toBeLessThanOrEqual(10);
    expect(new Set(output.shown.map(({ displayId }) => displayId)).size).toBe(1);
    expect(output.shown.map(({ update }) => update)).toEqual(output.shown.map((_, at) => at > 0));
    expect(output.shown[5]?.text).toBe("shop ▕████████░░░░▏ 62 % · 626 rows · 1.3 s · 501 rows/s · 0.7 s left");
    expect(output.shown.at(-1)?.text).toBe("shop ▕████████████▏ 100 % · 1,000 rows · 2.0 s · 500 rows/s");
    expect(output.shown.at(-1)?.bundle?.data["text/html"]).toContain("width:100.0%");
  });

  test("is one line of text where nobody watches", () => {
    const output = recordingOutput(false);
    setOutput(() => output);
    const bar = progress.start({ total: 4, unit: "bytes" });
    bar.set(2_500_000, 5_000_000);
    vi.advanceTimersByTime(1_000);
    bar.fail();
    expect(output.shown).toEqual([{ text: "▕██████░░░░░░▏ 50 % · 2.5 MB · 1.0 s · 2.5 MB/s · stopped\n" }]);
  });

  test("wraps loops over lists, streams and counts", async () => {
    const output = recordingOutput(false);
    setOutput(() => output);
    expect([...progress(["a", "b"], { label: "<x>" })]).toEqual(["a", "b"]);
    expect([...progress(3)]).toEqual([0, 1, 2]);
    const seen: number[] = [];
    async function* stream(): AsyncGenerator<number> {
      yield 1;
      yield 2;
    }
    for await (const part of progress(stream(), { total: 4 })) seen.push(part);
    expect(seen).toEqual([1, 2]);
    for (const item of progress([1, 2, 3, 4])) if (item === 2) break;
    expect(output.shown.map(({ text }) => text)).toEqual([
      "<x> ▕████████████▏ 100 % · 2 · 0.0 s\n",
      "▕████████████▏ 100 % · 3 · 0.0 s\n",
      "▕██████░░░░░░▏ 50 % · 2 · 0.0 s\n",
      "▕███░░░░░░░░░▏ 25 % · 1 · 0.0 s · stopped\n",
    ]);
  });
});

test("bytes of the steps stand beside them", () => {
  const output = recordingOutput();
  setOutput(() => output);
  const bar = progress.start({ label: "writing", unit: "rows" });
  bar.set(10, 20, 2_500_000);
  bar.done();
  expect(output.shown.at(-1)?.text).toContain("10 rows · 2.5 MB");
});
