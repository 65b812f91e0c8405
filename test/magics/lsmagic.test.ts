import { expect, test } from "vitest";
import { loadMagic, magicNames } from "../../magics/index.ts";
import { createNotebook, lineCall } from "./context.ts";
import { testMagic } from "./contract.ts";

const lsmagic = await loadMagic("lsmagic");

testMagic(lsmagic);

test("%lsmagic shows one line for every magic, as HTML and as text", async () => {
  const notebook = createNotebook();
  await lsmagic.run(lineCall(), notebook.context);
  const { "text/plain": plain, "text/html": html } = notebook.shown[0]!.data;
  expect(String(plain).split("\n")).toHaveLength(magicNames().length + 1);
  expect(plain).toMatch(/^%pwd +return the working directory$/m);
  expect(html).toContain('<td style="text-align:left">%pwd</td>');
});

test("an assigned %lsmagic gives name, usage and summary", async () => {
  const magics = await lsmagic.run(lineCall("", { assigned: true }), createNotebook().context);
  expect(magics).toContainEqual({ name: "pwd", usage: "%pwd", summary: "return the working directory" });
});
