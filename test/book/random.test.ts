import { expect, test } from "vitest";
import { int, rng } from "../../notebooks/data/random.ts";

test("a seed gives the numbers that the book's figures were computed from", () => {
  const random = rng(42);
  const drawn = Array.from({ length: 5 }, () => Number(random().toFixed(6)));
  expect(drawn).toEqual([0.601104, 0.448291, 0.852466, 0.669734, 0.174814]);
});

test("integers stay below n", () => {
  const random = rng(42);
  expect(Array.from({ length: 5 }, () => 1 + int(random, 10))).toEqual([7, 5, 9, 7, 2]);
});
