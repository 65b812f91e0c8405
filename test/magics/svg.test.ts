import { expect, test } from "vitest";
import { svg } from "../../magics/svg.ts";
import { cellCall, createNotebook } from "./context.ts";
import { testMagic } from "./contract.ts";

testMagic(svg, { wrong: ["--no-such-option", "word"] });

test("%%svg shows the cell as it stands", async () => {
  const notebook = createNotebook();
  const body = '<svg xmlns="http://www.w3.org/2000/svg"/>\n';
  await svg.run(cellCall("", body), notebook.context);
  expect(notebook.shown).toEqual([{ data: { "image/svg+xml": body, "text/plain": body }, metadata: {} }]);
});
