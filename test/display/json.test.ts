import { expect, test } from "vitest";
import { toJson } from "../../display/json.ts";

test("values that JSON has no word for become the nearest that it has", () => {
  const circle: Record<string, unknown> = { n: 1n, big: 2n ** 60n, nan: NaN, f: () => 1, u: undefined };
  circle["self"] = circle;
  expect(toJson(circle)).toEqual({ n: 1, big: String(2n ** 60n), nan: null, f: null, self: null });
  expect(toJson([new Date(0), new Map([["k", new Set([1])]]), Int8Array.of(1), undefined])).toEqual([
    "1970-01-01T00:00:00.000Z",
    { k: [1] },
    [1],
    null,
  ]);
});

test("a value that cannot be read becomes null", () => {
  const value = {
    get a(): never {
      throw new Error("no");
    },
  };
  expect(toJson({ value, b: 1 })).toEqual({ value: null, b: 1 });
});
