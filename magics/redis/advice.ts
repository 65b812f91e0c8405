import { untilAborted } from "../abort.ts";
import { findNearest } from "../nearest.ts";
import type { RedisConnection } from "./connection.ts";
import { RedisFailure } from "./failure.ts";
import { decodeReply, type Reply } from "./reply.ts";
import type { CommandCall } from "./run.ts";

/** Adds to an error what the server knows better: the command that was meant, or how one is written. */
export async function adviseOn(
  error: unknown,
  [name, ...args]: CommandCall,
  connection: RedisConnection,
  signal: AbortSignal,
): Promise<unknown> {
  if (!isReplyError(error) || signal.aborted) return error;
  const ask = async (...call: readonly [string, ...string[]]): Promise<Reply> =>
    decodeReply(await untilAborted(signal, connection.commands().callBuffer(...call)), connection.target);
  try {
    const advice = /^ERR unknown command/i.test(error.message)
      ? await meantCommand(name, ask)
      : /^ERR (?:wrong number of arguments|unknown subcommand|syntax error)/i.test(error.message)
        ? await usageOf(name, typeof args[0] === "string" ? args[0] : undefined, ask)
        : undefined;
    if (advice === undefined) return error;
    return new RedisFailure(error.name, error.code, `${error.message.trim().replace(/\.?$/, ".")} ${advice}`, error);
  } catch {
    return error; // a server may know no COMMAND, or forbid it; the error itself is what counts
  }
}

function isReplyError(error: unknown): error is RedisFailure {
  return error instanceof RedisFailure && error.code === "ERR";
}

type Ask = (...call: readonly [string, ...string[]]) => Promise<Reply>;

async function meantCommand(name: string, ask: Ask): Promise<string> {
  const known = await ask("command", "LIST");
  const names = Array.isArray(known) ? known.map(String) : [];
  const nearest = findNearest(name, names);
  return nearest
    ? `Did you mean ${nearest.toUpperCase()}?`
    : "`%redis COMMAND LIST` lists the commands of this server.";
}

/** Writes how a command is used from the server's own documentation. */
async function usageOf(name: string, second: string | undefined, ask: Ask): Promise<string | undefined> {
  const found = (await ask("command", "DOCS", name)) as Docs | null;
  const docs = found?.[name.toLowerCase()];
  if (!docs) return undefined;
  const part = docs.subcommands?.[`${name}|${second}`.toLowerCase()];
  if (docs.subcommands && !part) {
    const words = Object.keys(docs.subcommands).map((key) => key.split("|")[1]!.toUpperCase());
    return `${name.toUpperCase()} is one of: ${words.join(", ")}.`;
  }
  const head = part ? `${name} ${second}` : name;
  return `Usage: ${[head.toUpperCase(), ...((part ?? docs).arguments ?? []).map(formatArgument)].join(" ")}`;
}

type Docs = Readonly<Record<string, Doc & { readonly subcommands?: Readonly<Record<string, Doc>> }>>;

interface Doc {
  readonly arguments?: readonly DocArgument[];
}

interface DocArgument {
  readonly name: string;
  readonly type: string;
  readonly token?: string;
  readonly flags?: readonly string[];
  readonly arguments?: readonly DocArgument[];
}

function formatArgument({ name, type, token, flags = [], arguments: parts = [] }: DocArgument): string {
  const inner =
    type === "oneof"
      ? parts.map(formatArgument).join(" | ")
      : type === "block"
        ? parts.map(formatArgument).join(" ")
        : type === "pure-token"
          ? ""
          : name;
  const isOptional = flags.includes("optional");
  const grouped = type === "oneof" && (token !== undefined || !isOptional) ? `<${inner}>` : inner;
  const named = [token, grouped].filter((word) => word).join(" ");
  const text = flags.includes("multiple")
    ? `${named} [${flags.includes("multiple_token") ? named : grouped} …]`
    : named;
  return isOptional ? `[${text}]` : text;
}
