import { expect, test } from "vitest";
import { psMagic } from "../../magics/ps.ts";
import { createNotebook, lineCall } from "./context.ts";
import { testMagic } from "./contract.ts";

testMagic(psMagic, { short: lineCall("") });

test("assigned, it returns the servers and shows nothing", async () => {
  const { context, shown, printed } = createNotebook();
  expect(await psMagic.run(lineCall("", { assigned: true }), context)).toBeInstanceOf(Array);
  expect([shown, printed()]).toEqual([[], ""]);
});
