import { spawnSync } from "node:child_process";
import { resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { compileCell } from "../../kernel/cell/compile.ts";
import { maxDepth, tooDeepAt } from "../../kernel/cell/depth.ts";
import { CellSyntaxError } from "../../kernel/cell/errors.ts";
import { isComplete } from "../../kernel/cell/is-complete.ts";

const times = 20_000;
const deep: [string, string][] = [
  ["open brackets", "[".repeat(times)],
  ["closed brackets", "(".repeat(times) + ")".repeat(times)],
  ["an operator", `''${" + 'a'".repeat(times)}`],
  ["a prefix", `${"!".repeat(times)}1`],
  ["calls", `a${".b()".repeat(times)}`],
  ["else if", `if (a) {} ${"else if (a) {}\n".repeat(times)}`],
  ["else", `${"if (a); else ".repeat(times)};`],
  ["functions", "function f() {".repeat(times)],
  ["arrows", `${"x =>".repeat(times)} 1`],
  ["templates", "`${".repeat(times)],
  ["a template's expression", `\`a \${${"[".repeat(times)}}\``],
  ["type arguments", `let x: ${"A<B, ".repeat(times)}`],
];

const length = 2_000;
const flat: [string, string][] = [
  ["data", `x = ${JSON.stringify(Array.from({ length }, (_, i) => ({ i, s: `abc${i}` })))}`],
  ["lines without semicolons", Array.from({ length }, (_, i) => `const v${i} = f(${i})`).join("\n")],
  ["functions", Array.from({ length }, (_, i) => `function f${i}() { return 1 }`).join(" ")],
  ["classes", Array.from({ length }, (_, i) => `class A${i}<T> { x = ${i}; m(): void {} }`).join("\n")],
  ["a template", `\`${"${1} ".repeat(length)}\``],
  ["comparisons", Array.from({ length }, (_, i) => `v${i} = a < ${i};`).join("")],
];

const options = {
  name: "In[1]",
  filename: "/In[1].ts",
  scope: () => undefined,
  place: () => 0,
  globals: () => false,
  magics: () => undefined,
};

function errorOf(code: string): unknown {
  try {
    return compileCell(code, options);
  } catch (error) {
    return error;
  }
}

describe("code that is nested too deep", () => {
  test.for(deep)("%s: nobody knows whether it is complete", ([, code]) => {
    expect(isComplete(code)).toEqual({ status: "unknown" });
  });

  test.for(deep)("%s: the cell's error says so", ([, code]) => {
    const error = errorOf(code);
    expect(error).toBeInstanceOf(CellSyntaxError);
    expect((error as Error).message).toMatch(/nested too deep .* Split/);
  });

  test("also where only our own walk finds it too deep", () => {
    const error = errorOf(`\nconst s = ''${" + 'a'".repeat(3_900)}`) as CellSyntaxError;
    expect(error.message).toMatch("nested too deep");
    expect(error.line).toBe(2);
  });
});

test.for(flat)("%s: length is no depth", ([, code]) => {
  expect(tooDeepAt(code, 500)).toBeUndefined();
});

test("the native parser takes what is let through", () => {
  const programs = ["[", "x=>", "function f(){", "x=class{static{"];
  const script = `
    import { toJavaScript } from ${JSON.stringify(resolve("kernel/cell/to-javascript.ts"))};
    import { maxDepth, tooDeepAt } from ${JSON.stringify(resolve("kernel/cell/depth.ts"))};
    for (const part of ${JSON.stringify(programs)}) {
      const code = part.repeat(maxDepth);
      try { toJavaScript(code.slice(0, tooDeepAt(code, maxDepth))) } catch {}
    }`;
  const { status, signal, stderr } = spawnSync(process.execPath, ["--input-type=module-typescript", "-e", script]);
  expect({ status, signal, stderr: String(stderr) }).toEqual({ status: 0, signal: null, stderr: "" });
});

test("a long string is not deep", () => {
  expect(tooDeepAt(`const long = "${"x".repeat(20_000_000)}"; '${"\\'".repeat(5_000_000)}'`, maxDepth)).toBeUndefined();
});
