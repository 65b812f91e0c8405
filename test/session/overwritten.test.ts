import { expect, test } from "vitest";
import { withoutOverwritten } from "../../kernel/session/overwritten.ts";
import { createStreamBatch } from "../../kernel/session/stream-batch.ts";
import { createTextLimit } from "../../kernel/session/text-limit.ts";

test.each([
  ["no return\n", "no return\n"],
  ["1%\r2%\r3%", "1%\r3%"],
  ["line\n1%\r2%\r3%", "line\n3%"],
  ["\r1%\r2%", "\r2%"],
  ["\n1%\r2%\r", "\n2%\r"],
  ["done.\r10", "done.\r10"],
  ["a\r\nb\r\n", "a\r\nb\r\n"],
  ["one\r1%\r2%\nnext\rover\n", "one\r2%\nover\n"],
  ["\n\u001B[31mred\rblue", "\n\u001B[31mred\rblue"],
  ["\n\u001B[31mred\u001B[39m\rblue", "\nblue"],
])("of %j remains %j", (text, seen) => expect(withoutOverwritten(text)).toBe(seen));

const bounds = { headBytes: 1_000, changes: 10, tailBytes: 100 };

test.each(["\rat PART", "at PART\r"])(
  "of a line that is overwritten by %j without end, the last state counts",
  (form) => {
    const limit = createTextLimit(bounds);
    for (let i = 0; i < 10_000; i += 1) limit.take("stdout", form.replace("PART", String(i)), 0);
    expect(limit.over).toBe(false);
    for (let i = 0; i < 10; i += 1) limit.take("stdout", `${"x".repeat(100)}\n`, 0);
    expect(limit.over).toBe(true);
  },
);

test("lines that end in a return and a line feed count", () => {
  const limit = createTextLimit(bounds);
  for (let i = 0; i < 200; i += 1) limit.take("stdout", `line ${i}\r\n`, 0);
  expect(limit.over).toBe(true);
});

test("a flood of states is few messages", () => {
  const sent: string[] = [];
  const batch = createStreamBatch<string>((_, __, text) => sent.push(text));
  for (let i = 0; i < 200_000; i += 1) batch.add("cell", "stdout", `\rstep ${i}`);
  batch.flush();
  expect(sent.join("").length).toBeLessThan(100_000);
  expect(sent.join("").endsWith("\rstep 199999")).toBe(true);
});
