import { expect, test } from "vitest";
import { markdown } from "../../magics/markdown.ts";
import { cellCall, createNotebook } from "./context.ts";
import { testMagic } from "./contract.ts";

testMagic(markdown, { wrong: ["--no-such-option", "word"] });

test("%%markdown shows the cell as it stands", async () => {
  const notebook = createNotebook();
  const body = "**${x}**\n";
  await markdown.run(cellCall("", body), notebook.context);
  expect(notebook.shown).toEqual([{ data: { "text/markdown": body, "text/plain": body }, metadata: {} }]);
});
