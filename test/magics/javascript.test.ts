import { expect, test } from "vitest";
import { javascript, js } from "../../magics/javascript.ts";
import { cellCall, createNotebook } from "./context.ts";
import { testMagic } from "./contract.ts";

testMagic(javascript, { wrong: ["--no-such-option", "word"] });
testMagic(js);

test("%%javascript shows the cell as it stands", async () => {
  const notebook = createNotebook();
  const body = "element.textContent = `${1 + 1}`\n";
  await javascript.run(cellCall("", body), notebook.context);
  expect(notebook.shown).toEqual([{ data: { "application/javascript": body, "text/plain": body }, metadata: {} }]);
});

test("an empty cell is refused", async () => {
  await expect(js.run(cellCall("", "\n"), createNotebook().context)).rejects.toThrow(
    "nothing to show below the line. Usage: %%js",
  );
});
