import type { Db } from "mongodb";
import { untilAborted } from "../abort.ts";
import { openConnection } from "../connections/registry.ts";
import type { Target } from "../connections/target.ts";
import { formatDuration } from "../duration.ts";
import { MagicError, type MagicContext } from "../magic.ts";
import { evaluate } from "./body.ts";
import { type MongoCall, type MongoOptions, commands } from "./call.ts";
import type { MongoConnection } from "./connection.ts";
import { type Driver, loadDriver } from "./driver.ts";
import { toMongoError } from "./failure.ts";
import { listCollections, listDatabases, listIndexes } from "./listing.ts";
import { toOperation } from "./operation.ts";
import { findDatabase, findPlace, mongoNames } from "./place.ts";
import { runOperation, streamOperation } from "./run-operation.ts";

/** Does what a `%mongo` asks for. */
export async function runCall(call: MongoCall, startLine: number, context: MagicContext): Promise<unknown> {
  const { options } = call;
  const [word = "", path = ""] = call.words;
  if (commands.includes(word)) return runCommand(word, path, call, context);
  const place = await findPlace(word);
  const driver = await loadDriver();
  const body = call.body ? await evaluate(driver, call.body, startLine, context) : {};
  const schema = await readSchema(driver, options, startLine, context);
  const operation = await asMagicError(() => toOperation(body));
  const connection = (await openConnection(place.connection)) as MongoConnection;
  const database = await connection.database(context.signal, place.database);
  const connections = await mongoNames();
  const job = { driver, database, collection: place.collection, connections, operation, schema, options };
  if (options.stream) {
    const batches = streamOperation(job, context.signal);
    return told(batches, connection.target);
  }
  return withDeadline(options.timeoutMs, context.signal, (signal) =>
    telling(connection.target, signal, () => runOperation(job, { ...context, signal })),
  );
}

async function runCommand(
  word: string,
  path: string,
  { body, options }: MongoCall,
  context: MagicContext,
): Promise<unknown> {
  const { signal } = context;
  if (body || Object.keys(options).length > 0)
    throw new MagicError("mongo", `nothing but a name stands behind \`%mongo ${word}\``);
  if (word === "indexes" && path === "")
    throw new MagicError("mongo", "write the collection too, as in `%mongo indexes shop.orders`");
  const place = word === "indexes" ? await findPlace(path) : await findDatabase(path || undefined);
  const driver = await loadDriver();
  const connection = (await openConnection(place.connection)) as MongoConnection;
  const database: Db = await connection.database(signal, place.database);
  return telling(connection.target, signal, () => {
    if (word === "databases") return listDatabases(database, driver);
    return word === "collections"
      ? listCollections(database, driver)
      : listIndexes(database.collection(place.collection), driver);
  });
}

/** What `--schema` gives. */
async function readSchema(
  driver: Driver,
  { schema }: MongoOptions,
  startLine: number,
  context: MagicContext,
): Promise<unknown> {
  if (schema === undefined) return undefined;
  if ("value" in schema) return schema.value;
  if ("text" in schema) return evaluate(driver, { strings: [schema.text], values: [] }, startLine, context);
  const { names } = context;
  if (names.has(schema.name)) return names.get(schema.name);
  throw new MagicError(
    "mongo",
    `--schema ${schema.name}: there is no variable of that name. Run the cell that declares it first`,
  );
}

/** Runs work until the cell is interrupted, and says what went wrong in words of the magic. */
async function telling<T>(target: Target, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  try {
    return await untilAborted(signal, asMagicError(work));
  } catch (error) {
    throw signal.aborted ? signal.reason : toMongoError(error, target);
  }
}

async function* told<T>(items: AsyncIterable<T>, target: Target): AsyncGenerator<T, void> {
  try {
    yield* items;
  } catch (error) {
    throw toMongoError(asReaders(error), target);
  }
}

async function withDeadline<T>(
  ms: number | undefined,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  if (ms === undefined) return work(signal);
  const timeout = AbortSignal.timeout(ms);
  try {
    return await work(AbortSignal.any([signal, timeout]));
  } catch (error) {
    const isLate = timeout.aborted || (error as Error).name === "MaxTimeMSExpired";
    if (!isLate || signal.aborted) throw error;
    const text = `the operation took longer than ${formatDuration(ms / 1000)} and was ended. Give --timeout more, ask for less, or let an index help (--explain)`;
    throw new MagicError("mongo", text, { name: "TimeoutError", cause: error });
  }
}

/** What is wrong with a value or an operation is the reader's to mend. */
async function asMagicError<T>(work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw asReaders(error);
  }
}

function asReaders(error: unknown): unknown {
  const { name, message } = error as Error;
  return name === "TypeError" || name === "RangeError"
    ? new MagicError("mongo", message, { name, cause: error })
    : error;
}
