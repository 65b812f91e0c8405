import { expect, test } from "vitest";
import { toFailure } from "../../../../magics/sql/postgres/errors.ts";

test.each([
  ['select 1 from "neu" where 1 = 0', 'relation "neu" does not exist', 15, "neu"],
  ['select 1 from "neu" where 1 = 0', "Relation »neu« existiert nicht", 15, "neu"],
  ['select \'🦆\' from a, schema."né""u"', 'リレーション"schema.né"u"は存在しません', 20, 'schema.né"u'],
  ["insert into neu values (1)", "la relation « neu » n'existe pas", 13, "neu"],
  ["select x.a from neu", 'missing FROM-clause entry for table "x"', 8, undefined],
  ["select x.a from neu", "fehlender Eintrag in FROM-Klausel für Tabelle »x«", 8, undefined],
  ["drop table neu", "Tabelle »neu« existiert nicht", undefined, undefined],
])("of %j and %j the missing table is known", (sql, message, position, missingTable) => {
  const fields = { C: "42P01", M: message, ...(position !== undefined && { P: String(position) }) };
  expect(toFailure(fields, sql)).toMatchObject({ name: "UndefinedTable", message, missingTable });
});
