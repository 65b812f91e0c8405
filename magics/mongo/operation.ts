import { findNearest } from "../nearest.ts";

/** What a body asks for. */
export interface Operation {
  readonly name: OperationName;
  /** What stands beside the operation's name. */
  readonly argument: unknown;
  readonly options: Readonly<Record<string, unknown>>;
}

/** The name of an operation. */
export type OperationName =
  | "find"
  | "aggregate"
  | "findOne"
  | "countDocuments"
  | "estimatedDocumentCount"
  | "distinct"
  | "insertOne"
  | "insertMany"
  | "updateOne"
  | "updateMany"
  | "replaceOne"
  | "deleteOne"
  | "deleteMany"
  | "findOneAndUpdate"
  | "findOneAndReplace"
  | "findOneAndDelete"
  | "bulkWrite"
  | "createIndex"
  | "dropIndex"
  | "listIndexes"
  | "drop";

const shared = ["comment", "collation", "hint", "let", "maxTimeMS"] as const;
const update = ["upsert", "arrayFilters", "sort", ...shared];

/** The operations with their options; the driver's own names. */
const known: Readonly<Record<OperationName, readonly string[]>> = {
  find: ["sort", "projection", "skip", "limit", "allowDiskUse", "batchSize", "min", "max", "returnKey", ...shared],
  aggregate: ["allowDiskUse", "batchSize", ...shared],
  findOne: ["sort", "projection", "skip", ...shared],
  countDocuments: ["skip", "limit", ...shared],
  estimatedDocumentCount: [...shared],
  distinct: ["filter", ...shared],
  insertOne: [...shared],
  insertMany: ["ordered", ...shared],
  updateOne: ["update", ...update],
  updateMany: ["update", ...update],
  replaceOne: ["replacement", ...update],
  deleteOne: [...shared],
  deleteMany: [...shared],
  findOneAndUpdate: ["update", "returnDocument", "projection", ...update],
  findOneAndReplace: ["replacement", "returnDocument", "projection", ...update],
  findOneAndDelete: ["sort", "projection", ...shared],
  bulkWrite: ["ordered", ...shared],
  createIndex: [
    "unique",
    "sparse",
    "name",
    "expireAfterSeconds",
    "partialFilterExpression",
    "hidden",
    "weights",
    "default_language",
    "language_override",
    "wildcardProjection",
    ...shared,
  ],
  dropIndex: [...shared],
  listIndexes: [...shared],
  drop: [...shared],
};

const names = Object.keys(known) as OperationName[];

/** What an operation needs beside its argument. */
const needed: Partial<Readonly<Record<OperationName, string>>> = {
  updateOne: "update",
  updateMany: "update",
  findOneAndUpdate: "update",
  replaceOne: "replacement",
  findOneAndReplace: "replacement",
};

/** Reads a body: an array is a pipeline; an object is an operation by its name, or else a filter. Throws a TypeError. */
export function toOperation(body: unknown): Operation {
  if (Array.isArray(body)) return { name: "aggregate", argument: body, options: {} };
  if (typeof body !== "object" || body === null)
    throw new TypeError(
      `this is a ${body === null ? "null" : typeof body}. Write a pipeline as an array, a filter as an object, or an operation as { insertOne: { … } }`,
    );
  const given = body as Readonly<Record<string, unknown>>;
  const keys = Object.keys(given);
  const [name, second] = keys.filter((key): key is OperationName => Object.hasOwn(known, key));
  if (name === undefined) {
    refuseNear(keys);
    return { name: "find", argument: body, options: {} };
  }
  if (second !== undefined) throw new TypeError(`one body has one operation, not ${name} and ${second}`);
  const { [name]: argument, ...options } = given;
  const allowed: readonly string[] = known[name];
  for (const option of Object.keys(options)) {
    if (allowed.includes(option)) continue;
    const nearest = findNearest(option, allowed);
    throw new TypeError(
      `${name} has no option ${option}. ${nearest ? `Did you mean ${nearest}?` : `It has ${allowed.join(", ")}.`} A filter on a field of the name ${name} is written { find: { ${name}: … } }`,
    );
  }
  return unwrap(name, argument, options);
}

/** `{ updateOne: { filter, update } }`, as in a bulk write, is the same as `{ updateOne: filter, update }`. */
function unwrap(name: OperationName, argument: unknown, options: Operation["options"]): Operation {
  const need = needed[name];
  if (need === undefined || options[need] !== undefined) return { name, argument, options };
  const inner = argument as Readonly<Record<string, unknown>> | null;
  if (typeof inner === "object" && inner !== null && "filter" in inner && need in inner) {
    const { filter, ...more } = inner;
    return { name, argument: filter, options: { ...more, ...options } };
  }
  throw new TypeError(`${name} needs ${need}: write { ${name}: { …filter }, ${need}: { … } }`);
}

/** A misspelt operation would be a filter that finds nothing. */
function refuseNear(keys: readonly string[]): void {
  const [first = ""] = keys;
  const nearest = /^[a-z]+(?:One|Many|Index|Indexes|Write|Documents)$/i.test(first)
    ? findNearest(first, names)
    : undefined;
  if (nearest !== undefined)
    throw new TypeError(
      `there is no operation ${first}. Did you mean ${nearest}? A filter is written { find: { ${first}: … } }`,
    );
}
