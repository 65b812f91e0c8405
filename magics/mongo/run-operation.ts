import type { RecordBatch } from "apache-arrow";
import type { AbstractCursor, ClientSession, Db } from "mongodb";
import { currentOutput } from "../../display/output.ts";
import type { MagicContext } from "../magic.ts";
import { findNearest } from "../nearest.ts";
import { withProgress } from "../query-progress.ts";
import { isArrowTable } from "../columnar/rows.ts";
import type { MongoOptions } from "./call.ts";
import { readBatches, readDocuments, readTable } from "./documents.ts";
import type { Driver } from "./driver.ts";
import { readPlan } from "./explain.ts";
import { insertTable } from "./insert-table.ts";
import { endWork } from "./interrupts.ts";
import type { Operation } from "./operation.ts";
import { openCursor, perform } from "./perform.ts";
import { toBson } from "./values.ts";

/** An operation with all that it needs. */
export interface Job {
  readonly driver: Driver;
  readonly database: Db;
  readonly collection: string;
  /** Names of the connections, for a word that was meant to be one. */
  readonly connections: readonly string[];
  readonly operation: Operation;
  /** A declared schema. */
  readonly schema: unknown;
  readonly options: MongoOptions;
}

/** Runs an operation and returns its documents as a table, or what the driver says of it. */
export async function runOperation(job: Job, { signal, output }: MagicContext): Promise<unknown> {
  const { driver, database, options, operation: given } = job;
  const { name } = given;
  const collection = database.collection(job.collection);
  if (name === "insertMany" && isArrowTable(given.argument))
    return insertTable(driver, database, job.collection, given.argument, { signal });
  const operation = { ...given, ...readValues(driver, given) };
  const session = database.client.startSession();
  let cursor: AbstractCursor | undefined;
  const stop = (): void => void endWork(database.client, session, cursor);
  signal.addEventListener("abort", stop, { once: true });
  try {
    const performing = { session, signal, limit: options.limit, maxTimeMs: options.timeoutMs };
    cursor = openCursor(collection, operation, performing, !options.documents && !options.explain);
    if (options.explain) return await runExplain(name, cursor);
    if (!cursor) {
      if (options.limit !== undefined || options.documents || job.schema !== undefined)
        throw new TypeError(`--limit, --schema and --documents are for find and aggregate, not for ${name}`);
      return await perform(collection, operation, performing);
    }
    const found = cursor;
    let rows = 0;
    const wanted = { driver, schema: job.schema, count: (documents: number) => void (rows = documents) };
    const progress = (): { rows: number; total: undefined } => ({ rows, total: undefined });
    const result = await withProgress<unknown>(`mongo ${job.collection}`, progress, () =>
      options.documents ? readDocuments(found, wanted.count) : readTable(found as AbstractCursor<Uint8Array>, wanted),
    );
    if (rows === 0) await noteIfMissing(job, session, output);
    return result;
  } finally {
    signal.removeEventListener("abort", stop);
    await session.endSession();
  }
}

/** Gives an operation's documents as record batches, as they come; it is started by whoever reads them. */
export async function* streamOperation(job: Job, signal: AbortSignal): AsyncGenerator<RecordBatch, void> {
  const { driver, database, options, operation: given, schema } = job;
  if (options.documents || options.explain)
    throw new TypeError("--stream gives record batches, without --documents and --explain");
  const operation = { ...given, ...readValues(driver, given) };
  const reader = AbortSignal.any([signal, currentOutput().signal]);
  const session = database.client.startSession();
  let cursor: AbstractCursor | undefined;
  const stop = (): void => void endWork(database.client, session, cursor);
  reader.addEventListener("abort", stop, { once: true });
  try {
    const performing = { session, signal: reader, limit: options.limit, maxTimeMs: options.timeoutMs };
    cursor = openCursor(database.collection(job.collection), operation, performing, true);
    if (!cursor) throw new TypeError(`--stream is for find and aggregate, not for ${operation.name}`);
    yield* readBatches(cursor as AbstractCursor<Uint8Array>, { driver, schema, count: () => {} });
  } finally {
    reader.removeEventListener("abort", stop);
    await session.endSession();
  }
}

function readValues(driver: Driver, { name, argument, options }: Operation): Pick<Operation, "argument" | "options"> {
  return {
    argument: toBson(driver, argument, name === "aggregate" ? "pipeline" : name),
    options: toBson(driver, options, name) as Operation["options"],
  };
}

async function runExplain(name: string, cursor: AbstractCursor | undefined): Promise<unknown> {
  const explainable = cursor as (AbstractCursor & { explain(verbosity: string): Promise<object> }) | undefined;
  if (!explainable) throw new TypeError(`--explain is for find and aggregate: explain the filter of ${name} as a find`);
  return readPlan(await explainable.explain("executionStats"));
}

/** The server takes a misspelt collection for an empty one. */
async function noteIfMissing(
  { database, collection, connections }: Job,
  session: ClientSession,
  output: MagicContext["output"],
): Promise<void> {
  const found = await database.listCollections({}, { nameOnly: true, session }).toArray();
  const names = found.map(({ name }) => name);
  if (names.includes(collection)) return;
  const nearest = findNearest(collection, names);
  const meant = names.length === 0 ? findNearest(database.databaseName, connections) : undefined;
  const hint = nearest
    ? `Did you mean ${nearest}?`
    : meant !== undefined
      ? `Did you mean the connection ${meant}?`
      : names.length > 0
        ? `There are ${names.slice(0, mostNames).join(", ")}.`
        : "It has none.";
  output.stream("stderr", `%mongo: the database ${database.databaseName} has no collection ${collection}. ${hint}\n`);
}

const mostNames = 20;
