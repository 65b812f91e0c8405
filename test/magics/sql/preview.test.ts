import { afterEach, expect, test } from "vitest";
import { setOutput } from "../../../display/output.ts";
import { notebookDatabase } from "../../../magics/sql/databases.ts";
import { runQuery } from "../../../magics/sql/run.ts";
import { sql } from "../../../magics/sql/handle.ts";
import { recordingOutput } from "../../display/recording-output.ts";

afterEach(async () => {
  setOutput(() => undefined);
  await sql.close();
});

const never = new AbortController().signal;

function template(text: string): { strings: string[]; values: [] } {
  return { strings: [text], values: [] };
}

test("a long query shows its first rows while it goes on, and one line when it has ended", async () => {
  const output = recordingOutput();
  setOutput(() => output);
  const text = "select i, md5(i::varchar) as hash from range(6000000) t(i)";
  const table = await runQuery(notebookDatabase(), template(text), { signal: never, startLine: 1 });
  expect(table!.numRows).toBe(6_000_000);
  const shown = output.shown.map(({ bundle }) => String(bundle?.data["text/html"]));
  const first = shown.findIndex((html) => html.includes("<table") && html.includes("cfcd208495d565ef66e7dff9f98764da"));
  expect(first).toBeGreaterThanOrEqual(0);
  expect(shown.at(-1)).not.toContain("<table");
  expect(output.shown.at(-1)?.text).toMatch(/^DuckDB .* s\b/);
  expect(new Set(output.shown.map(({ displayId }) => displayId)).size).toBe(1);
});

test("a short one shows nothing beside its result", async () => {
  const output = recordingOutput();
  setOutput(() => output);
  await runQuery(notebookDatabase(), template("from range(10)"), { signal: never, startLine: 1 });
  expect(output.shown).toEqual([]);
});
