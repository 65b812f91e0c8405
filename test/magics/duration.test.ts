import { expect, test } from "vitest";
import { formatDuration } from "../../magics/duration.ts";

test.each([
  [0, "0 ns"],
  [2.5e-9, "2.5 ns"],
  [1.2345e-6, "1.23 µs"],
  [0.0123, "12.3 ms"],
  [1, "1 s"],
  [59.94, "59.9 s"],
  [60, "1 min"],
  [125.4, "2 min 5 s"],
  [3661, "1 h 1 min 1 s"],
])("%d seconds are %s", (seconds, expected) => expect(formatDuration(seconds)).toBe(expected));
