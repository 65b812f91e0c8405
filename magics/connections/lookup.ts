import { dirname } from "node:path";
import { MagicError } from "../magic.ts";
import { findNearest } from "../nearest.ts";
import { currentContext } from "../plain-context.ts";
import { recipeNames } from "../up/recipes.ts";
import { configPaths, readConfigFiles } from "./config-file.ts";
import { toUrl } from "./definition.ts";
import { unavailableError } from "./unavailable.ts";

/** Where a connection's URL came from. */
export type Origin = "%connect" | "%up" | "connections.toml" | "typhoon up" | "DATABASE_URL";

/** A connection that somebody has written down: not one that `%connect` made. */
export interface Defined {
  readonly source: Origin;
  /** Where relative paths of its URL begin. */
  readonly folder: string;
  /** Throws a MagicError where it cannot be made, as when an environment variable is not set. */
  url(): string;
}

const databaseUrl = "database";

/** Finds what is written down under a name: the notebook's file, the user's, then servers that run, then DATABASE_URL. */
export async function findDefined(name: string): Promise<Defined | undefined> {
  const { folder } = currentContext();
  return fromFiles(name, folder) ?? (await fromServers(folder)).get(name) ?? fromEnvironment(folder).get(name);
}

/** Lists all that is written down for a notebook's folder, by name; what is wrong has a `url` that throws. */
export async function listDefined(folder: string = currentContext().folder): Promise<Map<string, Defined>> {
  const found = new Map([...fromEnvironment(folder), ...(await fromServers(folder))]);
  for (const file of readConfigFiles(folder).toReversed()) {
    for (const name of [...file.definitions.keys(), ...file.problems.keys()]) {
      if (name === "") continue;
      found.delete(name); // to the end
      const url = (): string => fromFiles(name, folder)!.url();
      found.set(name, { source: "connections.toml", folder: dirname(file.path), url });
    }
  }
  return found;
}

/** What the reader of the files should know: whole files that cannot be read, passwords that others can. */
export function configNotes(): string[] {
  return readConfigFiles(currentContext().folder).flatMap(({ problems, warning }) =>
    [problems.get(""), warning].filter((note) => note !== undefined),
  );
}

function fromFiles(name: string, folder: string): Defined | undefined {
  for (const { path, definitions, problems } of readConfigFiles(folder)) {
    // A file that cannot be read may be the one that has the name.
    const problem = problems.get(name) ?? problems.get("");
    if (problem !== undefined) throw new MagicError("connect", problem);
    const definition = definitions.get(name);
    const url = (): string => asMagicError(() => toUrl(definition!));
    if (definition) return { source: "connections.toml", folder: dirname(path), url };
  }
  return undefined;
}

async function fromServers(folder: string): Promise<Map<string, Defined>> {
  const { runningServers } = await import("../up/running.ts");
  return new Map(runningServers().map(({ name, url }) => [name, { source: "typhoon up" as const, folder, url }]));
}

function fromEnvironment(folder: string): Map<string, Defined> {
  const url = process.env["DATABASE_URL"];
  if (!url) return new Map();
  return new Map([[databaseUrl, { source: "DATABASE_URL" as const, folder, url: () => url }]]);
}

/** Makes a fault of what a person wrote one that is shown without a stack. */
export function asMagicError<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof TypeError) throw new MagicError("connect", error.message, { cause: error });
    throw error;
  }
}

/** Makes the error for a name that no connection has. */
export function unknownName(name: string, known: readonly string[]): MagicError {
  const missing = unavailableError(name);
  if (missing) return missing;
  // It may have a password, and is not to be shown.
  if (/:\/\/|@/.test(name))
    return new MagicError(
      "connect",
      "what takes the name of a connection was given a URL. Write `%connect URL --as NAME`, then the name",
    );
  const nearest = findNearest(name, known);
  const list = known.length > 0 ? `There are ${known.join(", ")}` : "There are none yet";
  const [, own] = configPaths(currentContext().folder);
  const server = recipeNames.includes(name) ? `\`%up ${name}\` starts a server here. ` : "";
  return new MagicError(
    "connect",
    `there is no connection "${name}". ${nearest ? `Did you mean ${nearest}?` : `${list}.`} ` +
      `${server}Write \`%connect URL --as ${name}\`, or [${name}] with its url into ${own}`,
  );
}
