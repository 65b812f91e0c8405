import { findTarget, listTargets, openConnection } from "../connections/registry.ts";
import type { Target } from "../connections/target.ts";
import { unavailableSystem } from "../connections/unavailable.ts";
import { usualTarget } from "../connections/usual.ts";
import { MagicError } from "../magic.ts";
import { findNearest } from "../nearest.ts";

/** Where an operation goes. */
export interface Place {
  /** The connection's name. */
  readonly connection: string;
  /** Undefined for that of the connection's URL. */
  readonly database: string | undefined;
  /** Empty where only a database is meant. */
  readonly collection: string;
}

/**
 * Reads `collection`, `connection.collection`, `connection.database.collection` and, where there is one connection only,
 * `database.collection`. A collection's own name may have dots where the database stands before it.
 */
export async function findPlace(path: string): Promise<Place> {
  const [first = "", ...rest] = path.split(".");
  const named = rest.length > 0 ? await findMongo(first) : undefined;
  if (named) {
    const [database, ...collection] = rest;
    return rest.length === 1
      ? { connection: named.name, database: undefined, collection: rest[0]! }
      : { connection: named.name, database, collection: collection.join(".") };
  }
  const only = await findOnly(first, rest.length > 0);
  if (rest.length === 0) return { connection: only.name, database: undefined, collection: first };
  return { connection: only.name, database: first, collection: rest.join(".") };
}

/**
 * Reads `connection`, `connection.database` and, where there is one connection only, nothing or `database`; the last not where
 * the first word is to be the name of a connection.
 */
export async function findDatabase(path: string | undefined, first?: "named"): Promise<Place> {
  const [word = "", ...rest] = (path ?? "").split(".");
  const named = word === "" ? undefined : await findMongo(word);
  if (!named && word !== "" && first === "named") await openConnection(word); // says what there is instead
  const connection = named ?? (await findOnly(word, word !== ""));
  const database = (named ? rest : [word, ...rest]).join(".");
  return { connection: connection.name, database: database || undefined, collection: "" };
}

async function findMongo(name: string): Promise<Target | undefined> {
  const target = await findTarget(name);
  if (target && target.kind !== "mongo")
    throw new MagicError("mongo", `the connection "${name}" is ${target.where}, which is no MongoDB`);
  return target;
}

/** Lists the names of the connections to a MongoDB. */
export async function mongoNames(): Promise<string[]> {
  return (await listTargets()).filter(({ target }) => target.kind === "mongo").map(({ target }) => target.name);
}

/** The connection that is meant where none is named. */
async function findOnly(first: string, isFirstOfMore: boolean): Promise<Target> {
  const listed = (await listTargets()).filter(({ target }) => target.kind === "mongo");
  const only = usualTarget(listed);
  if (only) return only;
  if (listed.length === 0)
    throw (
      unavailableSystem("mongo") ??
      new MagicError(
        "mongo",
        "there is no connection to a MongoDB yet. Write `%connect mongodb://HOST/DATABASE`, or `%up mongo` for a server on this machine",
      )
    );
  const names = listed.map(({ target }) => target.name);
  const nearest = isFirstOfMore ? findNearest(first, names) : undefined;
  throw new MagicError(
    "mongo",
    isFirstOfMore
      ? `there is no connection "${first}". ${nearest ? `Did you mean ${nearest}?` : `There are ${names.join(", ")}.`} Write \`%%mongo connection.collection\``
      : `there are several connections (${names.join(", ")}). Write which, as in \`%%mongo ${names[0]}.${first}\``,
  );
}
