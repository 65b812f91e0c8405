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
