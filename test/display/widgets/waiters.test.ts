import { expect, test } from "vitest";
import { createWaiters } from "../../../display/widgets/waiters.ts";

test("values asked of one loop before they are there come one each, and its end reaches all who wait", async () => {
  const waiters = createWaiters();
  const loop = waiters.changes("n", () => false);
  const [first, second, third] = [loop.next(), loop.next(), loop.next()];
  waiters.wake("n", 1);
  expect(await first).toEqual({ done: false, value: 1 });
  waiters.wake("n", 2);
  expect(await second).toEqual({ done: false, value: 2 });
  await loop.return?.();
  expect(await third).toEqual({ done: true, value: undefined });
});
