import { expect, test } from "vitest";
import { installs } from "../../kernel/language/installs.ts";
import { magicSyntax } from "../../magics/index.ts";

test.for([
  ["%npm add zod", "zod", true],
  ["%npm add -D zod@3 @scope/pkg@1", "@scope/pkg", true],
  ["1\n%npm i zod@3.1", "zod", true],
  ["%npm add ./local", "local", true],
  ["%npm add ${name}", "zod", true],
  ["%npm add zod", "lodash", false],
  ["%npm remove zod", "zod", false],
  ["'%npm add zod'", "zod", false],
  ["// %npm add zod", "zod", false],
] as const)("%s: %s", ([source, name, expected]) => {
  expect(installs(source, { magics: magicSyntax })(name)).toBe(expected);
});
