import { expect, test } from "vitest";
import { findFixes } from "../../kernel/language/fixes.ts";

test.for([
  ["print('a', b)", "print", "console.log(…): console.log('a', b)"],
  ["len(list) + 1", "len", "list.length: list.length + 1"],
  ["len(a || b)", "len", "(a || b).length: (a || b).length"],
  ["x = None", "None", "null: x = null"],
  ["while (True) {}", "True", "true: while (true) {}"],
  ["str(5)", "str", "String(…): String(5)"],
  ["int('5')", "int", "Number(…): Number('5')"],
  ["let s: str = ''", "str", "string: let s: string = ''"],
  ["function f(n: int, on: boolean) {}", "int", "number: function f(n: number, on: boolean) {}"],
  ["for (const i of range(3)) {}", "range", "Array(3).keys(): for (const i of Array(3).keys()) {}"],
  ["for (const [i, x] of enumerate(xs)) {}", "enumerate", "xs.entries(): for (const [i, x] of xs.entries()) {}"],
  ["isinstance(x, Date)", "isinstance", "x instanceof Date: x instanceof Date"],
] as const)("Python's %s", ([text, name, expected]) => {
  const start = text.indexOf(name);
  const message = `Cannot find name '${name}'.`;
  const mended = findFixes(2304, message, text, { start, end: start + name.length }, false).map(({ title, edits }) => {
    let after: string = text;
    for (const edit of edits.toReversed()) after = after.slice(0, edit.start) + edit.newText + after.slice(edit.end);
    return `${title}: ${after}`;
  });
  expect(mended).toEqual([expected]);
});

test.for(["range(1, 3)", "len", "len(...x)", "enumerate(x, 1)", "let l: len"] as const)(
  "nothing is offered for %s",
  (text) => {
    const name = /range|len|enumerate/.exec(text)!;
    const at = { start: name.index, end: name.index + name[0].length };
    expect(findFixes(2304, `Cannot find name '${name[0]}'.`, text, at, false)).toEqual([]);
  },
);
