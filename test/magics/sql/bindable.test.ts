import { afterAll, expect, test } from "vitest";
import { sql } from "../../../magics/sql/handle.ts";
import { brokenTexts } from "../../systems/hostile-values.ts";

afterAll(() => sql.close());

test.each(brokenTexts)("half of a surrogate pair is refused, not changed: %j", async (text) => {
  const message = /half of a surrogate pair/;
  await expect(sql`select ${text}`).rejects.toThrow(message);
  await expect(sql`select ${[{ a: text }]}`).rejects.toThrow(message);
  await expect(sql`select ${{ [text]: 1 }}`).rejects.toThrow(message);
  await expect(sql`select 1 as ${sql.id(text)}`).rejects.toThrow(message);
  await expect(sql`from ${[{ a: text }]}`).rejects.toThrow(message);
});
