import { expect, test } from "vitest";
import { importedNames } from "../../../magics/npm/imports.ts";

test.each<[source: string, names: string[]]>([
  [
    `import a from "a"; import { type B } from '@s/b/sub.js'\nimport "c"\nimport type D from "d"`,
    ["a", "@s/b", "c", "d"],
  ],
  [`export * from "a"; export { b } from "b"`, ["a", "b"]],
  [`const a = await import("a"), b = require('b/c')`, ["a", "b"]],
  [
    `import "./a"; import "../b.ts"; import "/c"; import "node:fs"; import "fs/promises"; import "#d"; import "https://e/f"`,
    [],
  ],
  [`import "typhoon-kernel"; import { display } from "tslab"; import "apache-arrow"`, []],
  [`%npm add x\nimport a from "a"\nconst t = %sql select 1`, ["a"]],
  [`%%sql\nimport x from "x"`, []],
  [`%%time\nimport a from "a"`, ["a"]],
  ["const s = `\nimport x from 'x'`", []],
  [`const e = <b>x</b>; import a from "a"`, ["a"]],
])("%j", (source, names) => {
  expect(importedNames(source)).toEqual(names);
});
