import { expect, test } from "vitest";
import { findFixes } from "../../kernel/language/fixes.ts";

/** The code once mended, with what the mend is called. */
function mended(
  code: number,
  message: string,
  text: string,
  what: string,
  start: number = text.indexOf(what),
): readonly string[] {
  return findFixes(code, message, text, { start, end: start + what.length }, false).map(({ title, edits }) => {
    let after = text;
    for (const edit of edits.toReversed()) after = after.slice(0, edit.start) + edit.newText + after.slice(edit.end);
    return `${title}: ${after}`;
  });
}

const indexed =
  "Element implicitly has an 'any' type because expression of type 'string' can't be used to index type '{}'.";
const record = "const o: Record<string, any> = {}";
const noText = "Property 'split' does not exist on type 'NonSharedBuffer'.";
const noIndex = "Element implicitly has an 'any' type because type 'typeof globalThis' has no index signature.";

test.for([
  [7053, indexed, "const o = {}; o[k] = 1", "o[k]", [`${record}: const o: Record<string, any> = {}; o[k] = 1`]],
  [7053, indexed, "o[k] = 1", "o[k]", [`${record}: o[k] = 1`]],
  [
    2339,
    "Property 'x' does not exist on type '{}'.",
    "let o = {}\no.x",
    "x",
    ["let o: Record<string, any> = {}: let o: Record<string, any> = {}\no.x"],
  ],
  [2339, "Property 'x' does not exist on type '{}'.", "f().x", "x", []],
  [
    18046,
    "'e' is of type 'unknown'.",
    "try {} catch (e) { e.message }",
    "e.",
    ["(e as Error).message: try {} catch (e) { (e as Error).message }"],
  ],
  [
    18046,
    "'e' is of type 'unknown'.",
    "try {} catch (e) { e.code }",
    "e.",
    ["(e as NodeJS.ErrnoException).code: try {} catch (e) { (e as NodeJS.ErrnoException).code }"],
  ],
  [18046, "'j' is of type 'unknown'.", "j.items[0]", "j", ["(j as any).items: (j as any).items[0]"]],
  [18046, "'j' is of type 'unknown'.", "j + 1", "j", []],
  [2571, "Object is of type 'unknown'.", "f()[0]", "f()", ["(f() as any)[0]: (f() as any)[0]"]],
  [
    7017,
    noIndex,
    "globalThis.shared = 5",
    "shared",
    ["declare global { var shared: any }: declare global { var shared: any }\nglobalThis.shared = 5"],
  ],
  [2339, noText, "readFileSync(p).split()", "split", ['readFileSync(p, "utf8"): readFileSync(p, "utf8").split()']],
  [
    2339,
    noText,
    "(await fs.readFile(p)).split()",
    "split",
    ['fs.readFile(p, "utf8"): (await fs.readFile(p, "utf8")).split()'],
  ],
  [2339, noText, "data.split()", "split", ["data.toString().split: data.toString().split()"]],
  [2339, "Property 'foo' does not exist on type 'NonSharedBuffer'.", "data.foo()", "foo", []],
] as const)("TS%d %s of %s: what would type it", ([code, message, text, what, expected]) => {
  expect(mended(code, message, text, what.replace(/\.$/, ""), text.indexOf(what))).toEqual(expected);
});

const promised = "Property 'map' does not exist on type 'Promise<number[]>'.";

test.for([
  [2551, "… Did you mean 'length'?", "a.lenght", "lenght", ["length: a.length"]],
  [2561, "… Did you mean to write 'name'?", "f({ nam: 1 })", "nam", ["name: f({ name: 1 })"]],
  [18048, "'s' is possibly 'undefined'.", "s.length", "s", ["s?.length: s?.length"]],
  [2532, "Object is possibly 'undefined'.", "f()[0].a", "f()[0]", ["f()[0]?.a: f()[0]?.a"]],
  [2532, "Object is possibly 'undefined'.", "list[0]", "list", ["list?.[0]: list?.[0]"]],
  [
    2722,
    "Cannot invoke an object which is possibly 'undefined'.",
    "o.f(1, 2).a",
    "o.f",
    ["o.f?.(1, 2): o.f?.(1, 2).a"],
  ],
  [18047, "'m' is possibly 'null'.", "m[1]!.a", "m", ["m?.[1]: m?.[1]!.a"]],
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
