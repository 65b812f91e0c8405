import { expect, test } from "vitest";
import { tokenize } from "../../../magics/sql/lexer.ts";

function parameters(text: string): string[] {
  return tokenize(text)
    .filter(({ kind }) => kind === "parameter")
    .map(({ start, end }) => text.slice(start, end));
}

test.each([
  ["select :a, :größe", [":a", ":größe"]],
  ["select x::int, ':no', \":no\"", []],
  ["select l[1:2], l[a:b], l[:n]", []],
  ["select [:a, f(:b)], array[:c, 1], array [[:d], [2, :e]]", [":a", ":b", ":c", ":d", ":e"]],
  ["select l[f(:a):2], l[1][:n], f(x)[a :n], (array[:b, 2])[:n], myarray[:n]", [":a", ":b"]],
  ["select 1 -- :no\n, :yes /* :no /* nested */ :no */", [":yes"]],
  ["select $$ :no $$, $tag$ :no $$ $tag$, :yes", [":yes"]],
  ["select e'\\' :no', 'it''s :no', :yes", [":yes"]],
  ["select {a: 1, 'b':c}, j->>'$.x:y', x := 2, n:1", []],
  ["where a=:a and(b<:b)", [":a", ":b"]],
])("parameters of %j", (text, expected) => {
  expect(parameters(text)).toEqual(expected);
});

test.each(["'open", '"open', "/* open", "$$ open", "e'\\", "1e", "a$b 0x1F 1_000.5e-3 🦆 é", "$1 ? $"])(
  "tokens cover %j without a gap",
  (text) => {
    const tokens = tokenize(text);
    expect(tokens.map(({ start, end }) => text.slice(start, end)).join("")).toBe(text);
    expect(tokens.every(({ start, end }) => end > start)).toBe(true);
  },
);
