import { expect, test } from "vitest";
import { isComplete } from "../../kernel/cell/is-complete.ts";

const complete = [
  "1+1",
  "let x = 1",
  "x;",
  "",
  "// c",
  "%sql select (",
  "%%sql\nselect (\n",
  "%%sql?",
  "const a = %time (",
  "<p>hi</p>",
];
const incomplete: [string, string][] = [
  ["function f() {", "  "],
  ["for (;;) {\n  if (x) {", "    "],
  ["if (x) {\n  a()", "  "],
  ["`abc", ""],
  ["/* abc", ""],
  ["const x =", ""],
  ["foo(", "  "],
  ["a.", ""],
  ["x = 1 +", ""],
  ["%%sql", ""],
  ["%%sql cars <<\n", ""],
  ["%%sql\nselect (", "  "],
  ["%%sql\nselect 1", ""],
];
const invalid = ["a b c", "}", "const = 1", '"abc', "let a; let a"];

test.each(complete)("%j is complete", (source) => {
  expect(isComplete(source)).toEqual({ status: "complete" });
});

test.each(incomplete)("%j is incomplete", (source, indent) => {
  expect(isComplete(source)).toEqual({ status: "incomplete", indent });
});

test.each(invalid)("%j is invalid", (source) => {
  expect(isComplete(source)).toEqual({ status: "invalid" });
});
