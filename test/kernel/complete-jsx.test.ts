import { afterAll, beforeAll, expect, test } from "vitest";
import { completeAt } from "./completing.ts";
import { type TestKernel, startTestKernel } from "./harness.ts";

let kernel: TestKernel;
beforeAll(async () => {
  kernel = await startTestKernel({ env: { TYPHOON_TYPECHECK: "block" } });
  await kernel.run("const people = ['Ada']; const React: any = {}");
  await kernel.run("function Box(p: { color: 'red' | 'blue'; wide?: boolean }) { return null }");
  await kernel.run(
    "declare global { namespace JSX { interface IntrinsicElements { circle: { className: string; r: number } } } }",
  );
});
afterAll(() => kernel.shutdown());

test.for([
  ["a tag", "<Bo‸", expect.arrayContaining(["Box"])],
  ["attributes of a tag that is open", "<Box ‸", ["color", "wide"]],
  ["an attribute behind others", "const b = <Box wide co‸", ["color"]],
  ["an attribute in a whole tag", "const b = <Box co‸ />", ["color"]],
  ["an attribute's value", "<Box color='‸' />", ["blue", "red"]],
  ["attributes of an element", "<circle cla‸", ["className"]],
  ["an expression in a tag", "<Box color={people.len‸} />", ["length"]],
  ["a comparison is no tag", "const less = 1 <people.len‸", ["length"]],
] as const)("%s: %s", async ([, code, expected]) => {
  expect((await completeAt(kernel, code)).matches).toEqual(expected);
});
