import { untilAborted } from "../abort.ts";
import { MagicError } from "../magic.ts";
import { type Connection, isFileKind, openTarget, titleOf } from "./kinds.ts";
import { asMagicError, unknownName } from "./lookup.ts";
import { readOptions } from "./options.ts";
import { adoptConnection, connectionNames, findTarget, openConnection } from "./registry.ts";
import { type Target, kindOfUrl, parseTarget, splitTarget } from "./target.ts";

/** A connection that has answered. */
export interface Established {
  readonly target: Target;
  /** Name and version of what answered. */
  readonly version: string;
}

// Drivers keep the time limit of a connection themselves and say more about it.
const graceMs = 1_000;

/** Connects to a URL and keeps the connection under its name, in place of another; keeps nothing where that fails. */
export async function establish(name: string | undefined, url: string, signal: AbortSignal): Promise<Established> {
  const target = asMagicError(() => parseTarget(name === undefined ? usualName(url) : checkName(name), url));
  const connection = await openTarget(target).catch((error: unknown) => fail(target, error));
  try {
    const version = await ping(connection, signal);
    await adoptConnection(connection, "%connect");
    return { target, version };
  } catch (error) {
    await connection.close().catch(() => {});
    throw error;
  }
}

/** Asks the connection of a name whether it is there. */
export async function check(name: string, signal: AbortSignal): Promise<Established> {
  const target = await findTarget(name);
  if (!target) throw unknownName(name, await connectionNames());
  const connection = await openConnection(name).catch((error: unknown) => fail(target, error));
  return { target, version: await ping(connection, signal) };
}

async function ping(connection: Connection, signal: AbortSignal): Promise<string> {
  const { target } = connection;
  const { connectTimeoutMs } = asMagicError(() => readOptions(target));
  const late = AbortSignal.timeout(connectTimeoutMs + graceMs);
  const either = AbortSignal.any([signal, late]);
  try {
    return await untilAborted(either, connection.ping(either));
  } catch (error) {
    if (signal.aborted) throw error;
    if (!late.aborted) return fail(target, error);
    throw new MagicError(
      "connect",
      `${target.where} did not answer within ${connectTimeoutMs / 1000} s. ` +
        "Is the host right, and does a firewall let you through? A longer wait is ?connect_timeout=60s in the URL",
      { name: "ConnectionTimeout" },
    );
  }
}

/** Makes the error of a connection that failed: the system's words, then what to do. */
function fail({ where, kind }: Target, error: unknown): never {
  if (error instanceof MagicError) throw error;
  const { name, message, detail, hint } = error as Error & { detail?: string; hint?: string };
  const isBare = name === "Error" || name === "TypeError";
  const head = `no connection to ${where}: ${message}`;
  const parts = [head, detail, hint && `Hint: ${hint}`].filter((part) => part !== undefined && part !== "");
  throw new MagicError("connect", parts.join("\n\n"), {
    name: isBare ? `${titleOf(kind)}Error` : name,
    cause: error,
  });
}

/** Finds the name of a connection that was given none: its database's, or else its kind's. */
export function usualName(url: string): string {
  const kind = kindOfUrl(url);
  const { path } = splitTarget({ kind, url: () => url });
  const file = /([^/\\]+?)(?:\.\w+)?$/.exec(path)?.[1] ?? "";
  const name = isFileKind(kind) ? file : path;
  if (nameForm.test(name) && name !== "duckdb") return name;
  return kind === "duckdb" ? "duck" : kind;
}

const nameForm = /^[\p{L}_][\p{L}\p{N}_-]*$/u;

function checkName(name: string): string {
  if (name === "duckdb") throw new TypeError('"duckdb" is the notebook\'s own database: give another name by --as');
  if (nameForm.test(name)) return name;
  throw new TypeError(`a connection's name has letters, digits, _ and -, and begins with a letter, not "${name}"`);
}
