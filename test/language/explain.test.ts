import { expect, test } from "vitest";
import { explainModule, explainName } from "../../kernel/language/explain.ts";

const missing = (module: string): string => `Cannot find module '${module}' or its corresponding type declarations.`;

test.for([
  ["lodash/fp", "Cannot find package 'lodash'.", "%npm add lodash"],
  ["@scope/pkg/deep", "Cannot find package '@scope/pkg'.", "%npm add @scope/pkg"],
  ["./nope.ts", "Cannot find module './nope.ts'.", undefined],
  ["@/alias", missing("@/alias"), undefined],
  ["#own", missing("#own"), undefined],
  ["node:nope", "Node has no built-in module 'node:nope'.", undefined],
  [
    "https://esm.sh/lodash-es@4/map",
    "Node does not import 'https://esm.sh/lodash-es@4/map'. Install the package, and import it by its name: 'lodash-es'.",
    "%npm add lodash-es",
  ],
  [
    "npm:@scope/pkg@1",
    "Node does not import 'npm:@scope/pkg@1'. Install the package, and import it by its name: '@scope/pkg'.",
    "%npm add @scope/pkg",
  ],
  ["https://example.org/a.ts", "Node does not import 'https://example.org/a.ts'.", undefined],
] as const)("a missing module %s", ([module, message, install]) => {
  expect(explainModule(2307, missing(module))).toEqual({ message, ...(install && { install }) });
});

const none = new Map<string, "failed" | "refused">();

test.for([
  [2304, "Cannot find name 'nope'.", "Cannot find name 'nope': no cell that has run declares it."],
  [
    2552,
    "Cannot find name 'totl'. Did you mean 'total'?",
    "Cannot find name 'totl': no cell that has run declares it. Did you mean 'total'?",
  ],
  [
    2552,
    "Cannot find name 'undefinedName'. Did you mean 'undefined'?",
    "Cannot find name 'undefinedName': no cell that has run declares it.",
  ],
  [
    2584,
    "Cannot find name 'document'. Do you need to change your target library? Try changing the 'lib' compiler option to include 'dom'.",
    "Cannot find name 'document': cells run in Node, which has no page. `display.html(…)` shows HTML.",
  ],
  [
    2304,
    "Cannot find name 'window'.",
    "Cannot find name 'window': cells run in Node, which has no page. `display.html(…)` shows HTML.",
  ],
  [
    2874,
    "This JSX tag requires 'React' to be in scope, but it could not be found.",
    "JSX calls 'React': no cell that has run declares it.",
  ],
] as const)("TS%d %s", ([code, message, expected]) => {
  expect(explainName(code, message, false, none)?.message).toBe(expected);
});

test("a package without types", () => {
  expect(
    explainModule(7016, "Could not find a declaration file for module '@s/p'. '…' implicitly has an 'any' type."),
  ).toEqual({
    message:
      "Module '@s/p' brings no types: what is imported from it is 'any'. If others wrote types, they are in '@types/s__p'.",
    install: "%npm add @types/s__p",
  });
});
