import { expect, test } from "vitest";
import { helpBundle } from "../../magics/help.ts";
import { shMagic } from "../../magics/sh.ts";
import { pwd } from "../../magics/pwd.ts";

test("help is Markdown with usage, sentence and examples, and plain without marks", () => {
  const { data } = helpBundle(pwd);
  expect(data["text/markdown"]).toBe(`\`%pwd\`\n\nReturn the working directory.\n\n${pwd.help}`);
  expect(data["text/plain"]).toBe(
    [
      "%pwd",
      "",
      "Return the working directory.",
      "",
      "%pwd",
      "const here = %pwd",
      "",
      "It is the notebook's folder until %cd or process.chdir changes it.",
    ].join("\n"),
  );
});

test("the plain form keeps code as it is", () => {
  const { data } = helpBundle(shMagic);
  expect(data["text/plain"]).toContain("const names = await sh`ls ${folder}`.lines()");
  expect(data["text/plain"]).not.toContain("```");
});
