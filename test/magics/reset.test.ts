import { expect, test } from "vitest";
import { reset } from "../../magics/reset.ts";
import { createNotebook, lineCall } from "./context.ts";
import { testMagic } from "./contract.ts";

testMagic(reset, { wrong: ["--no-such-option", "x"], short: lineCall("-f") });

test("%reset -f forgets every name", async () => {
  const notebook = createNotebook({ names: { a: 1, b: 2 } });
  await reset.run(lineCall("-f"), notebook.context);
  expect(notebook.context.names.has("a")).toBe(false);
  expect(notebook.printed()).toBe("2 names forgotten.\n");
});

test.each([
  ["y", false],
  ["Yes ", false],
  ["", true],
  ["no", true],
])("%reset asks, and after %j the names are kept: %s", async (answer, kept) => {
  const { context } = createNotebook({ names: { a: 1 }, answers: [answer] });
  await reset.run(lineCall(), context);
  expect(context.names.has("a")).toBe(kept);
});

test("where nobody can answer it says what to write", async () => {
  const { context } = createNotebook({ names: { a: 1 } });
  await expect(reset.run(lineCall(), context)).rejects.toThrow("nobody can answer here; use `%reset -f`");
  expect(context.names.has("a")).toBe(true);
});
