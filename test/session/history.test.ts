import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openHistory } from "../../kernel/session/history.ts";

const path = (): string => join(mkdtempSync(join(tmpdir(), "typhoon-history-")), "deep", "history.sqlite");

test("sessions are numbered, and earlier ones are reached by negative numbers", () => {
  const file = path();
  using first = openHistory(file);
  first.add(1, "in the first", undefined);
  using second = openHistory(file);
  second.add(1, "in the second", "2");
  expect(second.session).toBe(first.session + 1);
  expect(second.query({ hist_access_type: "range", session: -1 })).toEqual([[first.session, 1, "in the first"]]);
  expect(second.query({ hist_access_type: "range", session: first.session })).toHaveLength(1);
});

test("tail crosses sessions, newest last, with outputs if asked", () => {
  const file = path();
  using first = openHistory(file);
  for (const count of [1, 2, 3]) first.add(count, `cell ${count}`, undefined);
  using second = openHistory(file);
  second.add(1, "newest", "7");
  expect(second.query({ hist_access_type: "tail", n: 2, output: true })).toEqual([
    [first.session, 3, ["cell 3", null]],
    [second.session, 1, ["newest", "7"]],
  ]);
});

test("search takes a glob; unique keeps the newest of equal cells", () => {
  using history = openHistory(":memory:");
  ["let a = 1", "b", "let a = 1", "let c"].forEach((source, i) => history.add(i + 1, source, undefined));
  const search = { hist_access_type: "search", pattern: "let*" } as const;
  expect(history.query(search).map(([, line]) => line)).toEqual([1, 3, 4]);
  expect(history.query({ ...search, unique: true }).map(([, line]) => line)).toEqual([3, 4]);
  expect(history.query({ ...search, n: 1 }).map(([, line]) => line)).toEqual([4]);
});

test("range ends before stop", () => {
  using history = openHistory(":memory:");
  for (const count of [1, 2, 3, 4]) history.add(count, `cell ${count}`, undefined);
  const range = { hist_access_type: "range", session: 0, start: 2, stop: 4 } as const;
  expect(history.query(range).map(([, line]) => line)).toEqual([2, 3]);
});
