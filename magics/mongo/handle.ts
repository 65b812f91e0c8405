import type { Table } from "apache-arrow";
import type {
  ChangeStreamDocument,
  ChangeStreamOptions,
  ClientSession,
  Collection,
  Db,
  Document,
  FindCursor,
  AggregationCursor,
} from "mongodb";
import { currentOutput } from "../../display/output.ts";
import { openConnection } from "../connections/registry.ts";
import { MagicError } from "../magic.ts";
import { isArrowTable } from "../columnar/rows.ts";
import { toTable } from "./arrow.ts";
import { changesOf } from "./changes.ts";
import type { MongoConnection } from "./connection.ts";
import { portions } from "./documents.ts";
import { type Driver, loadDriver } from "./driver.ts";
import { type Inserted, insertTable } from "./insert-table.ts";
import { findDatabase } from "./place.ts";
import type { Schema } from "./schema.ts";
import { toBson } from "./values.ts";

/** A database: the driver's `Db` with its typed methods, and what Arrow needs. */
export interface MongoDatabase extends Db {
  /**
   * Reads documents, or what a cursor gives, as an Arrow table. Types are exact for a cursor; JavaScript's numbers become
   * 32-bit integers or doubles. Throws where a value does not fit the declared schema.
   */
  toArrow(
    documents: FindCursor | AggregationCursor | Iterable<Document> | AsyncIterable<Document>,
    options?: { readonly schema?: Schema },
  ): Promise<Table>;
  /** Inserts a table's rows as documents; with `nulls: "omit"` a null is a field that is not there. */
  insertArrow(
    collection: string | Collection,
    table: Table,
    options?: { readonly nulls?: "keep" | "omit"; readonly ordered?: boolean },
  ): Promise<Inserted>;
  /** Gives the changes of a collection as they come; the loop ends when its cell is interrupted. Needs a replica set. */
  changes<T extends Document = Document>(
    collection: string,
    pipeline?: readonly Document[],
    options?: ChangeStreamOptions,
  ): AsyncGenerator<ChangeStreamDocument<T>, void>;
  /** Runs work within a transaction: pass the session on to each method. It is rolled back where the work throws. */
  transaction<T>(work: (session: ClientSession) => Promise<T>): Promise<T>;
}

/** Returns the database of a connection, by `connection` or `connection.database`; without a name, of the only one to a MongoDB. */
export async function openDatabase(name?: string): Promise<MongoDatabase> {
  const { signal } = currentOutput();
  const place = await findDatabase(name, "named");
  const connection = (await openConnection(place.connection)) as MongoConnection;
  const [driver, database] = await Promise.all([loadDriver(), connection.database(signal, place.database)]);
  const shown = { value: () => `MongoDatabase ${database.databaseName} { ${connection.target.where} }` };
  return Object.defineProperty(extend(database, driver), Symbol.for("nodejs.util.inspect.custom"), shown);
}

function extend(database: Db, driver: Driver): MongoDatabase {
  const own: Pick<MongoDatabase, "toArrow" | "insertArrow" | "changes" | "transaction"> = {
    toArrow: (documents, options = {}) => toArrow(driver, documents, options),
    insertArrow(collection, table, options = {}) {
      if (!isArrowTable(table)) throw new TypeError("insertArrow takes an Arrow table; insertMany inserts objects");
      const name = typeof collection === "string" ? collection : collection.collectionName;
      return insertTable(driver, database, name, table, { ...options, signal: currentOutput().signal });
    },
    changes: (collection, pipeline = [], options = {}) => changesOf(database.collection(collection), pipeline, options),
    transaction: (work) => database.client.withSession((session) => session.withTransaction(() => work(session))),
  };
  return Object.assign(database, own);
}

async function toArrow(
  driver: Driver,
  documents: Parameters<MongoDatabase["toArrow"]>[0],
  { schema }: { readonly schema?: Schema },
): Promise<Table> {
  const options = { driver, ...(schema && { schema }) };
  const raw = rawCursor(documents);
  if (raw) return toTable(portions(raw), options);
  return toTable(serialized(driver, documents as AsyncIterable<Document>), options);
}

type RawCursor = FindCursor<Uint8Array>;

/** A cursor that has not begun is made to give documents as the server sends them. */
function rawCursor(documents: object): RawCursor | undefined {
  if (!("readBufferedDocuments" in documents) || !("clone" in documents)) return undefined;
  const cursor = documents as RawCursor;
  // `raw` is an option of the driver, but only where a cursor is made; one with a `map` gives what that makes.
  const { cursorOptions, deserializationOptions, transform, id } = cursor as unknown as {
    readonly cursorOptions?: { raw?: boolean };
    readonly deserializationOptions?: { raw?: boolean };
    readonly transform?: unknown;
    readonly id?: unknown;
  };
  if (!cursorOptions || !deserializationOptions || transform || id !== undefined) return undefined;
  cursorOptions.raw = true;
  deserializationOptions.raw = true;
  return cursor;
}

async function* serialized(
  driver: Driver,
  documents: Iterable<Document> | AsyncIterable<Document>,
): AsyncGenerator<Uint8Array[], void> {
  if (typeof documents !== "object" || !(Symbol.iterator in documents || Symbol.asyncIterator in documents))
    throw new TypeError("toArrow takes a cursor, as of find() or aggregate(), or an array of documents");
  for await (const document of documents) {
    if (typeof document !== "object" || document === null || Array.isArray(document))
      throw new MagicError("mongo", "toArrow takes documents: an array of objects");
    yield [driver.BSON.serialize(toBson(driver, document, "a document") as Document)];
  }
}
