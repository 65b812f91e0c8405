import { stripVTControlCharacters } from "node:util";
import { expect, test } from "vitest";
import { problemsTraceback, reportProblems } from "../../kernel/language/report.ts";

function report(source: string, what: string, more = {}): { text: string; html: string; json: never } {
  const start = source.indexOf(what);
  const problem = {
    start,
    end: start + what.length,
    severity: "error",
    code: 2322,
    message: "a < b",
    fixes: [],
    ...more,
  } as const;
  const data = reportProblems([problem], source, "In[1]");
  return {
    text: String(data["text/plain"]).replaceAll(/\u001B\[[\d;]*m/g, ""),
    html: String(data["text/html"]),
    json: data["application/vnd.typhoon.diagnostics+json"] as never,
  };
}

test("a frame underlines what is wrong", () => {
  expect(report("let a\nlet bad = a", "bad").text).toBe("In[1]:2:5 TS2322 a < b\n> 2 │ let bad = a\n    │     ~~~");
});

test("tabs and wide characters keep the squiggle in its place", () => {
  expect(report("\tbad", "bad").text.split("\n")[2]).toBe("    │ \t~~~");
  // The emoji and the Chinese character are two columns wide.
  expect(report("'😀漢' + bad", "bad").text.split("\n")[2]).toBe(`    │ ${" ".repeat("'0000' + ".length)}~~~`);
});

test("what goes over several lines is underlined on its first", () => {
  expect(report("f({\n a })", "{\n a }").text.split("\n")[2]).toBe("    │   ~");
});

test("a line of a megabyte is shown around the place", () => {
  const lines = report(`${"x".repeat(500_000)}bad${"x".repeat(500_000)}`, "bad").text.split("\n");
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(200);
  expect(lines[1]!.slice(lines[2]!.indexOf("~")).startsWith("bad")).toBe(true);
});

test("places for tools count code points", () => {
  expect(report("'😀'; bad", "bad").json).toMatchObject({
    cell: "In[1]",
    diagnostics: [{ code: 2322, start: { line: 1, column: 6, position: 5 }, end: { line: 1, column: 9, position: 8 } }],
  });
});

test("HTML is escaped and links to the code", () => {
  const { html } = report("<img>", "<img>", { fixes: [{ title: "<b>", edits: [] }] });
  expect(html).toContain("a &lt; b");
  expect(html).toContain("&lt;b&gt;");
  expect(html).not.toMatch(/<img|<b>/);
  expect(html).toContain("https://typescript.tv/errors/ts2322/");
});

test("the error that stops a cell ends with the pages about its kinds of problems", () => {
  const problem = { start: 0, end: 1, severity: "error", code: 2304, message: "no", fixes: [] } as const;
  const lines = problemsTraceback([problem, problem, { ...problem, code: 2551 }], "a", "In[1]");
  expect(lines.slice(3).map((line) => stripVTControlCharacters(line))).toEqual([
    "https://typescript.tv/errors/ts2304/",
    "https://typescript.tv/errors/ts2551/",
  ]);
});
