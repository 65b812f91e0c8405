import type { AbstractCursor, ClientSession, Collection, Document } from "mongodb";
import type { Operation, OperationName } from "./operation.ts";

/** How an operation is run. */
export interface Performing {
  readonly session: ClientSession;
  readonly signal: AbortSignal;
  /** Most documents to give. */
  readonly limit: number | undefined;
  readonly maxTimeMs: number | undefined;
}

type Options = Record<string, unknown>;

/** Starts an operation that gives documents; undefined for the others. */
export function openCursor(
  collection: Collection,
  { name, argument, options }: Operation,
  { session, signal, limit, maxTimeMs }: Performing,
  raw: boolean,
): AbstractCursor | undefined {
  const given = {
    batchSize: rowsOfBatch,
    ...options,
    session,
    signal,
    ...(raw && { raw: true }),
    ...(!raw && { useBigInt64: true, bsonRegExp: true }),
    ...(maxTimeMs !== undefined && { maxTimeMS: maxTimeMs }),
  } as Options;
  if (name === "find") {
    const least = Math.min(limit ?? Infinity, Number(options["limit"] ?? 0) || Infinity);
    return collection.find(asDocument(name, argument), { ...given, ...(least < Infinity && { limit: least }) });
  }
  if (name !== "aggregate") return undefined;
  if (!Array.isArray(argument)) throw new TypeError("a pipeline is an array of stages, as in [{ $match: { … } }]");
  const stages = argument as Document[];
  const last = stages.at(-1) ?? {};
  const writes = "$out" in last || "$merge" in last;
  return collection.aggregate(limit === undefined || writes ? stages : [...stages, { $limit: limit }], given);
}

const rowsOfBatch = 10_000;

type Perform = (collection: Collection, argument: never, options: Options) => Promise<unknown>;

const performers: Readonly<Record<Exclude<OperationName, "find" | "aggregate">, Perform>> = {
  findOne: (c, filter, o) => c.findOne(asDocument("findOne", filter), o),
  countDocuments: (c, filter, o) => c.countDocuments(asDocument("countDocuments", filter), o),
  estimatedDocumentCount: (c, _, o) => c.estimatedDocumentCount(o),
  distinct: (c, field, { filter = {}, ...o }) => c.distinct(text("distinct", field), filter as Document, o),
  insertOne: (c, document, o) => c.insertOne(asDocument("insertOne", document), o),
  insertMany: async (c, documents, o) => {
    const { insertedIds, ...result } = await c.insertMany(list("insertMany", documents), o);
    // The driver's object of many ids would be shown whole.
    return { ...result, insertedIds: Object.values(insertedIds) };
  },
  updateOne: (c, filter, { update, ...o }) => c.updateOne(asDocument("updateOne", filter), update as Document, o),
  updateMany: (c, filter, { update, ...o }) => c.updateMany(asDocument("updateMany", filter), update as Document, o),
  replaceOne: (c, filter, { replacement, ...o }) =>
    c.replaceOne(asDocument("replaceOne", filter), replacement as Document, o),
  deleteOne: (c, filter, o) => c.deleteOne(asDocument("deleteOne", filter), o),
  deleteMany: (c, filter, o) => c.deleteMany(asDocument("deleteMany", filter), o),
  findOneAndUpdate: (c, filter, { update, ...o }) =>
    c.findOneAndUpdate(asDocument("findOneAndUpdate", filter), update as Document, o),
  findOneAndReplace: (c, filter, { replacement, ...o }) =>
    c.findOneAndReplace(asDocument("findOneAndReplace", filter), replacement as Document, o),
  findOneAndDelete: (c, filter, o) => c.findOneAndDelete(asDocument("findOneAndDelete", filter), o),
  bulkWrite: (c, operations, o) => c.bulkWrite(list("bulkWrite", operations) as never, o),
  createIndex: (c, keys, o) => c.createIndex(keys, o),
  dropIndex: async (c, name, o) => {
    await c.dropIndex(text("dropIndex", name), o);
    return undefined;
  },
  listIndexes: (c, _, o) => c.listIndexes(o).toArray(),
  drop: (c, _, o) => c.drop(o),
};

/** Runs an operation that gives no documents, and returns what the driver says of it. */
export async function perform(
  collection: Collection,
  { name, argument, options }: Operation,
  { session, maxTimeMs }: Performing,
): Promise<unknown> {
  if (name === "find" || name === "aggregate") throw new TypeError(`${name} gives documents`);
  const time = maxTimeMs === undefined ? {} : { maxTimeMS: maxTimeMs };
  return performers[name](collection, argument as never, {
    ...options,
    ...time,
    session,
    useBigInt64: true,
    bsonRegExp: true,
  });
}

function asDocument(name: string, value: unknown): Document {
  // `{ countDocuments: true }` is how one who has no filter writes it.
  if (value === true && name !== "insertOne") return {};
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value;
  throw new TypeError(`${name} takes ${name === "insertOne" ? "a document" : "a filter"}: write { ${name}: { … } }`);
}

function list(name: string, value: unknown): Document[] {
  if (Array.isArray(value)) return value as Document[];
  throw new TypeError(`${name} takes an array: write { ${name}: [{ … }, { … }] }`);
}

function text(name: string, value: unknown): string {
  if (typeof value === "string") return value;
  throw new TypeError(`${name} takes a name: write { ${name}: "…" }`);
}
