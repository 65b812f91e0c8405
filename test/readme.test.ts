import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { loadMagic, magicNames } from "../magics/index.ts";

/** Formats a magic's summary ("usage  what it does") as a row of a Markdown table. */
function row(summary: string): string {
  const [usage = "", does = ""] = summary.split(/ {2,}/, 2);
  return `| \`${usage.replaceAll("|", String.raw`\|`)}\` | ${does.replaceAll("|", String.raw`\|`)} |`;
}

// `vitest run test/readme.test.ts -u` writes the table.
test("the README lists every magic by its summary", async () => {
  const readme = await readFile("README.md", "utf8");
  const magics = await Promise.all(magicNames().map(loadMagic));
  const table = ["| magic | |", "|---|---|", ...magics.map(({ summary }) => row(summary))].join("\n");
  const wanted = readme.replace(
    /(<!-- magics -->\n)[\s\S]*(<!-- \/magics -->)/,
    (_, begin, end) => `${begin}\n${table}\n\n${end}`,
  );
  await expect(wanted).toMatchFileSnapshot("../README.md");
});
