import { expect, test } from "vitest";
import { findFixes } from "../../kernel/language/fixes.ts";

/** The code once mended, with what the mend is called. */
function mended(code: number, message: string, text: string, what: string): readonly string[] {
  const start = text.indexOf(what);
  return findFixes(code, message, text, { start, end: start + what.length }, false).map(({ title, edits }) => {
    let after = text;
    for (const edit of edits.toReversed()) after = after.slice(0, edit.start) + edit.newText + after.slice(edit.end);
    return `${title}: ${after}`;
  });
}

const promised = "Property 'map' does not exist on type 'Promise<number[]>'.";

test.for([
  [2551, "… Did you mean 'length'?", "a.lenght", "lenght", ["length: a.length"]],
  [2561, "… Did you mean to write 'name'?", "f({ nam: 1 })", "nam", ["name: f({ name: 1 })"]],
  [18048, "'s' is possibly 'undefined'.", "s.length", "s", ["s?.length: s?.length"]],
  [2532, "Object is possibly 'undefined'.", "f()[0].a", "f()[0]", ["f()[0]?.a: f()[0]?.a"]],
  [2532, "Object is possibly 'undefined'.", "list[0]", "list", ["list?.[…: list?.[0]"]],
  [18048, "'s' is possibly 'undefined'.", "s.length = 1", "s", []],
  [2339, promised, "f().map(g)", "map", ["(await f()).map: (await f()).map(g)"]],
  [2339, promised, "async () => { f().map(g) }", "map", ["(await f()).map: async () => { (await f()).map(g) }"]],
  [2339, promised, "() => f().map(g)", "map", []],
  [2322, "Type 'Promise<number>' is not…", "let num: number = f()", "num", ["await f(): let num: number = await f()"]],
  [2322, "Type 'number' is not assignable to type 'Promise<number>'", "let num: P = f()", "num", []],
  [2345, "Argument of type 'Promise<string>' is not…", "g(f())", "f()", ["await f(): g(await f())"]],
  [
    2801,
    "This condition … since this 'Promise<number>' is always defined.",
    "if (p) {}",
    "p",
    ["await p: if (await p) {}"],
  ],
] as const)("TS%d %s of %s", ([code, message, text, what, expected]) => {
  expect(mended(code, message, text, what)).toEqual(expected);
});
