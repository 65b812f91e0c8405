import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type TestKernel, startTestKernel } from "./harness.ts";

/** Cells that would print escape codes, each in its own way. */
const colorful = [
  `console.log({ a: [1, "x", true] }); console.error([null, Symbol("s")])`,
  `import { styleText } from "node:util"; console.log(styleText("red", "styled"), process.stdout.hasColors())`,
  `process.stdout.write("\\u001B[31mby "); process.stdout.write("hand\\u001B["); await 0; process.stdout.write("39m\\n")`,
  `({ deep: new Map([[1, { b: undefined }]]) })`,
  `display({ [Symbol.for("Jupyter.display")]: () => ({ "text/plain": "\\u001B[1mbold\\u001B[22m" }) })`,
  `throw new TypeError("\\u001B[31mred\\u001B[39m message", { cause: new Error("below") })`,
  `throw { not: "an error" }`,
  `const = 5`,
  `%nomagic`,
  `%sh node -p '({ a: 1 })'; printf '\\033[32mgreen\\033[0m\\n'; echo "$NO_COLOR$FORCE_COLOR"`,
  `for (const _ of progress(3, { label: "steps" })) {}`,
  `setTimeout(() => { throw new Error("late") }); await new Promise((done) => setTimeout(done, 20))`,
  `process.exit(3)`,
];

describe.for([
  ["TYPHOON_PLAIN", { TYPHOON_PLAIN: "1", FORCE_COLOR: "3" }],
  ["NO_COLOR", { NO_COLOR: "1" }],
] as const)("with %s", ([, env]) => {
  let kernel: TestKernel;
  beforeAll(async () => {
    kernel = await startTestKernel({ env });
  });
  afterAll(() => kernel.shutdown());

  test.for(colorful)("no escape code is in what comes of: %s", async (code) => {
    const { published, reply } = await kernel.run(code, { user_expressions: { x: "({ a: 1 })", y: "nowhere" } });
    const outputs = published.filter(({ header }) => header.msg_type !== "execute_input");
    expect(outputs.length).toBeGreaterThan(2);
    expect(JSON.stringify([outputs.map(({ content }) => content), reply])).not.toMatch(/\\u001b|\u009B/);
  });

  test("the text itself is all there", async () => {
    const { stdout } = await kernel.run(colorful[2]!);
    expect(stdout).toBe("by hand\n");
    const shell = await kernel.run(colorful[9]!);
    expect(shell.stdout).toBe("{ a: 1 }\ngreen\n1\n");
  });
});

test("what begins like an escape code and has no end is shown", async () => {
  await using kernel = await startTestKernel({ env: { TYPHOON_PLAIN: "1" } });
  const show = async (text: string): Promise<string> =>
    (await kernel.run(`process.stdout.write(${JSON.stringify(text)})`)).stdout;
  expect(await show("a\u001B]title\nmore")).toBe("atitle\nmore");
  expect(await show("a\u001B]title")).toBe("atitle");
  expect(await show("a\u001B[3")).toBe("a");
  const ended = await kernel.run(
    `process.stdout.write("a\\u001B]0;ti"); await 0; process.stdout.write("tle\\u001B"); await 0;
     process.stdout.write("\\\\b")`,
  );
  expect(ended.stdout).toBe("ab");
});

test("TYPHOON_PLAIN=0 keeps the colours where NO_COLOR is set", async () => {
  await using kernel = await startTestKernel({ env: { TYPHOON_PLAIN: "0", NO_COLOR: "1" } });
  expect((await kernel.run("console.log([1])")).stdout).toContain("\u001B[33m1");
});
