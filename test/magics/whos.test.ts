import { expect, test } from "vitest";
import { whos } from "../../magics/whos.ts";
import { createNotebook, lineCall } from "./context.ts";
import { testMagic } from "./contract.ts";

testMagic(whos);

class Point {
  x = 1;
}

async function describe(value: unknown, name = "x"): Promise<string[]> {
  const { context } = createNotebook({ names: { [name]: value } });
  const [variable] = (await whos.run(lineCall("", { assigned: true }), context)) as { type: string; preview: string }[];
  return [variable!.type, variable!.preview];
}

test.each([
  [1n, "bigint", "1n"],
  ["a\nb", "string", "'a\\nb'"],
  [null, "null", "null"],
  [undefined, "undefined", "undefined"],
  [[1, 2, 3], "Array(3)", "[ 1, 2, 3 ]"],
  [new Map([["a", 1]]), "Map", "Map(1) { 'a' => 1 }"],
  [new Point(), "Point", "Point { x: 1 }"],
  [{ numRows: 1_234_567, numCols: 12 }, "Object", "1,234,567 rows × 12"],
])("%# a value's type and preview", async (value, type, preview) => {
  expect(await describe(value)).toEqual([type, preview]);
});

test("a revoked proxy is named as such", async () => {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  expect(await describe(proxy)).toEqual(["object", "<Revoked Proxy>"]);
});

test("getters are not run, and huge values stay one short line", async () => {
  let calls = 0;
  const getter = {
    get x() {
      return ++calls;
    },
  };
  expect(await describe(getter)).toEqual(["Object", "{ x: [Getter] }"]);
  expect(calls).toBe(0);
  const [, preview] = await describe("x".repeat(1e6));
  expect(preview!.length).toBeLessThanOrEqual(80);
});

test("values that may be secret are hidden", async () => {
  expect(await describe("s3cr3t", "apiKey")).toEqual(["string", "········"]);
  expect(await describe({ password: 1 }, "credentials")).toEqual(["Object", "········"]);
  expect(await describe("redis://ada:s3cr3t@db", "url")).toEqual(["string", "'redis://ada:········@db'"]);
});

test("%whos shows a table, escaped in HTML and aligned in text", async () => {
  const notebook = createNotebook({ names: { html: "<b>&", longName: 2 } });
  await whos.run(lineCall(), notebook.context);
  const data = notebook.shown[0]!.data;
  expect(data["text/html"]).toContain("'&lt;b&gt;&amp;'");
  expect(data["text/plain"]).toBe(
    ["name      kind   type    value", "html      const  string  '<b>&'", "longName  const  number  2"].join("\n"),
  );
});
