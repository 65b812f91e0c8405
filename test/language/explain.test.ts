import { expect, test } from "vitest";
import { explainModule } from "../../kernel/language/explain.ts";

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

test("a package without types", () => {
  expect(
    explainModule(7016, "Could not find a declaration file for module '@s/p'. '…' implicitly has an 'any' type."),
  ).toEqual({
    message:
      "Module '@s/p' brings no types: what is imported from it is 'any'. If others wrote types, they are in '@types/s__p'.",
    install: "%npm add @types/s__p",
  });
});
