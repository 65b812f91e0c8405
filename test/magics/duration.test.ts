import { expect, test } from "vitest";
import { formatDuration, readDuration } from "../../magics/duration.ts";

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

test.each([
  ["500ms", 500],
  ["30s", 30_000],
  ["2.5", 2500],
  ["5 min", 300_000],
  ["5m", 300_000],
  ["1h", 3_600_000],
  ["0.1ms", 1],
  ["0", 0],
  ["soon", undefined],
  ["-1s", undefined],
  ["5 days", undefined],
])("%s is %s ms", (text, expected) => expect(readDuration(text)).toBe(expected));
