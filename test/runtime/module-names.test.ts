import { expect, test } from "vitest";
import { findMadeNames } from "../../kernel/runtime/module-names.ts";

test.each([
  ["functions and classes, exported or not", "function f() {} export class K {} class Inner {}", ["f", "K", "Inner"]],
  ["functions in variables", "const f = () => 1, g = function () {}; let K = class {}", ["f", "g", "K"]],
  ["values that are made and exported", "export const rows = load(); const a = []; export { a as b }", ["rows", "a"]],
  ["no values of its own", "const rows = load(); let n = 1", []],
  ["nothing that is passed on", "import { x } from 'p'; export const P = Promise, y = x.y; export { x }", []],
  ["a default export with a name", "export default class Main {}", ["Main"]],
  ["nothing of code that does not parse", "export const =", []],
])("a module's names: %s", (_, code, names) => {
  expect(findMadeNames(code)).toEqual(names);
});
