import { expect, test } from "vitest";
import { time } from "../../magics/time.ts";
import { codeCall, createNotebook } from "./context.ts";
import { testMagic } from "./contract.ts";

testMagic(time, {
  long: (ready) =>
    codeCall(() => {
      ready();
      return new Promise(() => {});
    }),
});

test("%time prints the times and returns the value", async () => {
  const notebook = createNotebook();
  expect(
    await time.run(
      codeCall(async () => 42),
      notebook.context,
    ),
  ).toBe(42);
  expect(notebook.printed()).toMatch(
    /^CPU time: {2}[\d.]+ [mµn]?s \(user [\d.]+ [mµn]?s, system [\d.]+ [mµn]?s\)\nWall time: [\d.]+ [mµn]?s\n$/,
  );
});

test("%time prints the time of code that fails, and fails with its error", async () => {
  const notebook = createNotebook();
  const failing = codeCall(() => Promise.reject(new RangeError("odd")));
  await expect(time.run(failing, notebook.context)).rejects.toThrow(RangeError);
  expect(notebook.printed()).toContain("Wall time:");
});

test("%time without code says what to give", async () => {
  const empty = codeCall(() => 1, "", { source: " " });
  await expect(time.run(empty, createNotebook().context)).rejects.toThrow(
    "there is no code to time. Usage: %time CODE",
  );
});
