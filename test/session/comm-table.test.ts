import { expect, test } from "vitest";
import { createCommTable } from "../../kernel/session/comm-table.ts";

test("those who wait for a target are told once it is known, but for those who have given up", () => {
  const table = createCommTable();
  const told: string[] = [];
  table.onTarget("map", () => told.push("first"));
  const off = table.onTarget("map", () => told.push("gave up"));
  table.onTarget("plot", () => told.push("another"));
  off();
  table.setTarget("map", true);
  table.setTarget("map", false);
  table.setTarget("map", true);
  off();
  expect(told).toEqual(["first"]);
});
