import type { RecordBatch, Table } from "apache-arrow";
import { currentOutput } from "../../display/output.ts";
import type { Names, Template } from "../magic.ts";
import { type Nested, nested, paste, type Pasted } from "./query-text.ts";
import type { StreamOptions } from "./database.ts";
import type { QueryOptions } from "./prepare.ts";

/** A query: it runs when it is awaited, or batch by batch in `for await (const batch of query.stream())`. */
export interface Query extends Promise<Table> {
  /** Gives the rows as they come, on a connection of its own: temporary tables and open transactions are not seen there. */
  stream(): AsyncGenerator<RecordBatch, void>;
}

/** ``sql`…` `` of a database. */
export interface Sql extends SqlTag {
  /** Closes the database; the next query opens it again. */
  close(): Promise<void>;
}

/** ``sql`…` `` and how names, texts and types come into it. */
export interface SqlTag {
  (strings: TemplateStringsArray, ...values: unknown[]): Query;
  /** The same, with tables to be read by their names where the database has none of that name: `sql.given({ cars })`. */
  given(tables: Readonly<Record<string, unknown>>): SqlTag;
  /** Quotes a name of a table or column, or several as in `schema.table`. */
  id(...names: readonly string[]): Pasted;
  /** Pastes text into the query as it stands. Never give it text from outside. */
  raw(text: string): Pasted;
  /** Binds a value as one of an SQL type: `sql.cast("12.30", "decimal(10, 2)")`. */
  cast(value: unknown, type: string): Nested;
}

/** What runs the queries of a tag. */
export interface Runner {
  run(template: Template, options: QueryOptions): Promise<Table | undefined>;
  stream(template: Template, options: QueryOptions): AsyncGenerator<RecordBatch, void>;
  /** Called for each query that is made; what it returns is called where the query is run, or is part of another. */
  made?(template: Template): () => void;
}

/** Makes the tag of what a runner speaks to. */
export function createTag(runner: Runner, names?: Names): SqlTag {
  const tag = (strings: TemplateStringsArray, ...values: unknown[]): Query =>
    createQuery(runner, strings, values, names);
  return Object.assign(tag, {
    given: (tables: Readonly<Record<string, unknown>>) => createTag(runner, namesOf(tables)),
    id: (...path: readonly string[]) => paste(path),
    raw: (text: string) => paste(text),
    cast: castTo,
  });
}

/** Types as SQL writes them: words, digits, and what stands in brackets. */
const typeText = /^[\p{L}\p{N}_ ."]+(?:\([\d, ]*\))?[\p{L} ]*(?:\[\d*\])*$/u;

function castTo(value: unknown, type: string): Nested {
  if (!typeText.test(type)) throw new TypeError(`${JSON.stringify(type)} is no SQL type, as "decimal(10, 2)" is`);
  return { [nested]: { strings: ["cast(", ` as ${type})`], values: [value] } };
}

function namesOf(tables: Readonly<Record<string, unknown>>): Names {
  const known = new Map(Object.entries(tables));
  return {
    get: (name) => known.get(name),
    has: (name) => known.has(name),
    set: (name, value) => void known.set(name, value),
    entries: () => Array.from(known, ([name, value]) => ({ name, kind: "const", value })),
    clear: () => known.clear(),
  };
}

/** Where a query keeps the tables that it may read by their names. */
export const givenNames: unique symbol = Symbol("typhoon.sql.given");

function createQuery(
  runner: Runner,
  strings: TemplateStringsArray,
  values: readonly unknown[],
  names: Names | undefined,
): Query {
  // A cell without types may call it with a text, into which somebody else's text was pasted.
  if (!Array.isArray(strings) || !("raw" in strings)) {
    throw new TypeError(
      "sql is written before a template, as in sql`select 42`. Text that is SQL already goes inside: sql`${sql.raw(text)}`",
    );
  }
  const template = { strings, values };
  const { signal } = currentOutput();
  let result: Promise<Table> | undefined;
  const options = { signal, startLine: 1, ...(names && { names }) };
  const run = async (): Promise<Table> =>
    (await runner.run(template, options)) ?? new (await import("apache-arrow")).Table();
  const used = runner.made?.(template);
  const start = (): Promise<Table> => {
    used?.();
    return (result ??= run());
  };
  const query = {
    [givenNames]: names,
    get [nested]() {
      used?.();
      return template;
    },
    [Symbol.toStringTag]: "Promise",
    // oxlint-disable-next-line unicorn/no-thenable -- a query is awaited like a promise, but does not run before
    then: (...handlers: Parameters<Promise<Table>["then"]>) => start().then(...handlers),
    catch: (...handlers: Parameters<Promise<Table>["catch"]>) => start().catch(...handlers),
    finally: (...handlers: Parameters<Promise<Table>["finally"]>) => start().finally(...handlers),
    stream(more: StreamOptions = {}) {
      used?.();
      return runner.stream(template, { ...options, ...more });
    },
  };
  return query as Query;
}
