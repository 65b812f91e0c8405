import { describe, expect, test } from "vitest";
import { countLines, cutHead, cutTail } from "../../kernel/session/text-cut.ts";
import { type TextLimit, createTextLimit } from "../../kernel/session/text-limit.ts";

describe("the first part of a text", () => {
  test("is whole lines", () => expect(cutHead("one\ntwo\nthree\n", 10, false)).toBe("one\ntwo\n"));
  test("is nothing where the first line does not fit", () => expect(cutHead("a line\n", 3, false)).toBe(""));
  test("ends a line that has begun", () => expect(cutHead("rest of it\nnext\n", 3, true)).toBe("rest of it\n"));
  test("is cut where the line is too long to be left out", () =>
    expect(cutHead("x".repeat(200_000), 1_000, false)).toBe("x".repeat(1_000)));
  test.each([0, 1, 2, 3, 4, 5, 6, 7])("is no part of a character, at byte %d", (bytes) => {
    const head = cutHead(`a😀${"ä".repeat(100_000)}`, bytes, false);
    expect("a😀äää".startsWith(head)).toBe(true);
    expect(head.isWellFormed()).toBe(true);
    expect(Buffer.byteLength(head)).toBeLessThanOrEqual(bytes);
  });
  test.each(["\u001B[38;5;208m", "\u001B]8;;https://example.org/\u0007", "\u001B(B"])("is no part of %j", (escape) => {
    const text = `ab${escape}${"x".repeat(100_000)}`;
    for (let at = 3; at < 2 + escape.length; at += 1) expect(cutHead(text, at, false)).toBe("ab");
    expect(cutHead(text, 2 + escape.length, false)).toBe(`ab${escape}`);
  });
});

describe("the last part of a text", () => {
  test("is whole lines", () => expect(cutTail("one\ntwo\nthree\n", 11)).toBe("two\nthree\n"));
  test("begins after a part of a line", () => expect(cutTail("one\ntwo\nthree\n", 8)).toBe("three\n"));
  test("is a part of one long line", () => expect(cutTail("x".repeat(200_000), 10)).toBe("x".repeat(10)));
  test.each([1, 2, 3, 4, 5, 6, 7, 8])("is no part of a character, with %d bytes", (bytes) => {
    const tail = cutTail(`${"ä".repeat(100_000)}😀a`, bytes);
    expect("ääää😀a".endsWith(tail)).toBe(true);
    expect(tail.isWellFormed()).toBe(true);
    expect(Buffer.byteLength(tail)).toBeLessThanOrEqual(bytes);
  });
  test("does not begin within an escape sequence", () => {
    const text = `${"x".repeat(100_000)}\u001B[38;5;208mend`;
    for (const bytes of [4, 8, 12]) expect(cutTail(text, bytes)).toBe("end");
  });
});

const bounds = { headBytes: 1_000, changes: 10, tailBytes: 100 };

function fill(limit: TextLimit, lines: number, name: "stdout" | "stderr" = "stdout"): string {
  let head = "";
  for (let i = 0; i < lines; i += 1) head += limit.take(name, `line ${i}\n`, 0);
  return head;
}

describe("the limit of a cell's text", () => {
  test("passes what fits, byte for byte", () => {
    const limit = createTextLimit(bounds);
    expect(countLines(fill(limit, 50))).toBe(50);
    expect(limit.over).toBe(false);
  });

  test("accounts for every line: shown, left out, or in the tail", () => {
    const limit = createTextLimit(bounds);
    const head = fill(limit, 100_000);
    const { pieces, left } = limit.drain(bounds.tailBytes);
    const tail = pieces.map(({ text }) => text).join("");
    expect(tail.length).toBeLessThanOrEqual(100);
    expect(tail).toMatch(/^line 99\d+\n(?:line \d+\n)*line 99999\n$/);
    expect(countLines(head) + left.lines + countLines(tail)).toBe(100_000);
    const bytes = Array.from({ length: 100_000 }, (_, i) => `line ${i}\n`).join("").length;
    expect(head.length + left.bytes + tail.length).toBe(bytes);
  });

  test("a text just above the limit is shown whole", () => {
    const limit = createTextLimit(bounds);
    const head = limit.take("stdout", "x\n".repeat(510), 0);
    const { pieces, left } = limit.drain(bounds.tailBytes);
    expect(head + pieces[0]!.text).toBe("x\n".repeat(510));
    expect(left).toEqual({ bytes: 0, lines: 0 });
  });

  test("streams in turn are limited by their changes and keep their order", () => {
    const limit = createTextLimit({ ...bounds, headBytes: 1e6, tailBytes: 1e4 });
    let passed = 0;
    for (let i = 0; i < 1_000; i += 1) if (limit.take(i % 2 ? "stderr" : "stdout", `${i}\n`, 0) !== "") passed += 1;
    expect(passed).toBe(10);
    expect(limit.limit).toBe("output.displays");
    const { pieces, left } = limit.drain(1e4);
    expect(pieces.length).toBe(100);
    expect(pieces.at(-2)).toMatchObject({ name: "stdout", text: "998\n" });
    expect(pieces.at(-1)).toMatchObject({ name: "stderr", text: "999\n" });
    expect(left.lines).toBe(1_000 - 10 - 100);
  });

  test("the last lines are as they were seen last", () => {
    const limit = createTextLimit({ ...bounds, headBytes: 0 });
    limit.take("stdout", `first\n\u001B[31mred\u001B[39m\n10 %\r50 %\r99 %\n`, 0);
    expect(limit.lastLines(2)).toEqual(["red", "99 %"]);
  });
});
