import { expect, test } from "vitest";
import { latex } from "../../magics/latex.ts";
import { cellCall, createNotebook } from "./context.ts";
import { testMagic } from "./contract.ts";

testMagic(latex, { wrong: ["--no-such-option", "word"] });

test("%%latex shows the cell as it stands", async () => {
  const notebook = createNotebook();
  const body = "$$x^2$$\n";
  await latex.run(cellCall("", body), notebook.context);
  expect(notebook.shown).toEqual([{ data: { "text/latex": body, "text/plain": body }, metadata: {} }]);
});
