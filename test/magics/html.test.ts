import { expect, test } from "vitest";
import { html } from "../../magics/html.ts";
import { cellCall, createNotebook } from "./context.ts";
import { testMagic } from "./contract.ts";

testMagic(html, { wrong: ["--no-such-option", "word"] });

test("%%html shows the cell as it stands", async () => {
  const notebook = createNotebook();
  const body = "<b>${x}</b>\n";
  await html.run(cellCall("", body), notebook.context);
  expect(notebook.shown).toEqual([{ data: { "text/html": body, "text/plain": body }, metadata: {} }]);
});
