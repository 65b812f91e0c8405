import { expect, test } from "vitest";
import { fnv1a } from "../../notebooks/data/fnv1a.ts";
import { int, normal, rng, shuffle } from "../../notebooks/data/random.ts";

test("a seed gives the numbers that the book's figures were computed from", () => {
  const random = rng(42);
  const drawn = Array.from({ length: 5 }, () => Number(random().toFixed(6)));
  expect(drawn).toEqual([0.601104, 0.448291, 0.852466, 0.669734, 0.174814]);
});

test("integers stay below n", () => {
  const random = rng(42);
  expect(Array.from({ length: 5 }, () => 1 + int(random, 10))).toEqual([7, 5, 9, 7, 2]);
});

test("normal numbers and another order come from the same draws", () => {
  expect(normal(rng(42)).toFixed(6)).toBe("-1.284838");
  expect(shuffle(rng(42), [1, 2, 3, 4, 5]).toSorted((a, b) => a - b)).toEqual([1, 2, 3, 4, 5]);
});

test("hashes are those of the function's authors", () => {
  expect(fnv1a("a").toString(16)).toBe("e40c292c");
  expect(fnv1a("foobar").toString(16)).toBe("bf9cf968");
});
