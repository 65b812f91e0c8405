import { expect, test } from "vitest";
import { comm } from "../../kernel/api.ts";

test("a plain Node program has no comms, and is told where they are", () => {
  expect(comm.available).toBe(false);
  expect(() => comm.open("there", {})).toThrow("a comm needs a front end: run this in a notebook's cell");
  expect(() => comm.registerTarget("there", () => {})).toThrow("a comm needs a front end");
  expect(comm.get("any")).toBeUndefined();
  expect(() => comm.closeAll()).not.toThrow();
});
