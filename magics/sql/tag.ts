import type { RecordBatch, Table } from "apache-arrow";
import { currentOutput } from "../../display/output.ts";
import { nested, paste, type Pasted } from "./query-text.ts";
import { quoteName } from "./relations.ts";

/** A query: it runs when it is awaited, or batch by batch in `for await (const batch of query.stream())`. */
export interface Query extends Promise<Table> {
  /** Gives the rows as they come, on a connection of its own: temporary tables and open transactions are not seen there. */
  stream(): AsyncGenerator<RecordBatch, void>;
}

/** ``sql`…` `` and what belongs to it. */
export interface Sql {
  (strings: TemplateStringsArray, ...values: unknown[]): Query;
  /** Quotes a name of a table or column, or several as in `schema.table`. */
  id(...names: readonly string[]): Pasted;
  /** Pastes text into the query as it stands. Never give it text from outside. */
  raw(text: string): Pasted;
  /** Closes the notebook's database. */
  close(): Promise<void>;
}

// Only a query needs DuckDB, and a program that imports this may never make one.
const load = (): Promise<typeof import("./session.ts")> => import("./session.ts");

/** Runs SQL on the notebook's DuckDB. Values are bound; an Arrow table in `${…}` is a relation; an array after `in` is its items. */
export const sql: Sql = Object.assign(createQuery, {
  id: (...names: readonly string[]) => paste(names.map(quoteName).join(".")),
  raw: paste,
  close: async () => (await load()).closeSession(),
});

function createQuery(strings: TemplateStringsArray, ...values: unknown[]): Query {
  // A cell without types may call it with a text, into which somebody else's text was pasted.
  if (!Array.isArray(strings) || !("raw" in strings)) {
    throw new TypeError(
      "sql is written before a template, as in sql`select 42`. Text that is SQL already goes inside: sql`${sql.raw(text)}`",
    );
  }
  const template = { strings, values };
  const { signal } = currentOutput();
  let result: Promise<Table> | undefined;
  const options = { signal, startLine: 1 };
  const run = async (): Promise<Table> =>
    (await (await load()).runQuery(template, options)) ?? new (await import("apache-arrow")).Table();
  async function* stream(): AsyncGenerator<RecordBatch, void> {
    yield* (await load()).streamQuery(template, options);
  }
  const start = (): Promise<Table> => (result ??= run());
  const query = {
    [nested]: template,
    [Symbol.toStringTag]: "Promise",
    // oxlint-disable-next-line unicorn/no-thenable -- a query is awaited like a promise, but does not run before
    then: (...handlers: Parameters<Promise<Table>["then"]>) => start().then(...handlers),
    catch: (...handlers: Parameters<Promise<Table>["catch"]>) => start().catch(...handlers),
    finally: (...handlers: Parameters<Promise<Table>["finally"]>) => start().finally(...handlers),
    stream,
  };
  return query as Query;
}
