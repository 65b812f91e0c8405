import { beforeEach, expect, test, vi } from "vitest";
import { createStreamBatch } from "../../kernel/session/stream-batch.ts";

let emitted: [string, string, string][];
const batch = () => createStreamBatch<string>((owner, name, text) => void emitted.push([owner, name, text]));
beforeEach(() => {
  emitted = [];
  vi.useFakeTimers();
});

test("text of one cell and stream is joined, and emitted when its time is up", () => {
  const stream = batch();
  stream.add("cell", "stdout", "a");
  stream.add("cell", "stdout", "b");
  expect(emitted).toEqual([]);
  vi.advanceTimersByTime(50);
  expect(emitted).toEqual([["cell", "stdout", "ab"]]);
});

test("another stream or cell ends the batch, so order is kept", () => {
  const stream = batch();
  stream.add("one", "stdout", "a");
  stream.add("one", "stderr", "b");
  stream.add("two", "stderr", "c");
  stream.flush();
  expect(emitted).toEqual([
    ["one", "stdout", "a"],
    ["one", "stderr", "b"],
    ["two", "stderr", "c"],
  ]);
});

test("a full batch does not wait", () => {
  const stream = batch();
  stream.add("cell", "stdout", "x".repeat(100_000));
  expect(emitted[0]?.[2]).toHaveLength(100_000);
});

test("the more text an output has, the fewer and longer are its messages; a new output begins anew", () => {
  const stream = batch();
  for (let i = 0; i < 1_000; i += 1) stream.add("cell", "stdout", "x".repeat(1_000));
  stream.flush(true);
  const lengths = emitted.map(([, , text]) => text.length);
  expect(lengths.length).toBeLessThan(5);
  expect(lengths.reduce((sum, length) => sum + length)).toBe(1_000_000);
  stream.add("cell", "stdout", "x".repeat(70_000));
  expect(emitted).toHaveLength(lengths.length + 1);
});
