import { untilAborted } from "../abort.ts";
import type { RedisConnection } from "./connection.ts";
import { RedisFailure } from "./failure.ts";
import { decodeReply, type Reply } from "./reply.ts";
import { type Entry, readEntries, readStreams } from "./entries.ts";

/** How a stream is read. */
export interface StreamOptions {
  /** Where to begin: an id, `0` for the beginning, `$` (the default) for what comes from now on. Of a group: where it begins, if it is made now. */
  readonly from?: string;
  /** Milliseconds to wait for another entry before the iteration ends; for ever by default. `0` gives what is there. */
  readonly block?: number;
  /** Reads as a member of this group, which is made where there is none. */
  readonly group?: string;
  /** The member's name; `typhoon` by default. */
  readonly consumer?: string;
  /** Entries are acknowledged when the next one is asked for, unless this is false. */
  readonly acknowledge?: boolean;
  /** Most entries to ask for at a time; 100 by default. */
  readonly count?: number;
}

/**
 * Gives the entries of a stream as they come, over a connection of its own, until `return()` or the signal. With a group it
 * begins with what this consumer had not acknowledged.
 */
export async function* readStream(
  connection: RedisConnection,
  key: string,
  options: StreamOptions,
  signal: AbortSignal,
): AsyncGenerator<Entry, void> {
  signal.throwIfAborted();
  const client = connection.separate();
  try {
    const { group } = options;
    const call = async (name: string, ...args: readonly string[]): Promise<Reply> => {
      const reply = client.callBuffer(name, ...args);
      reply.catch(() => {});
      return decodeReply(await untilAborted(signal, reply), connection.target);
    };
    yield* group === undefined ? readOn(call, key, options) : readAsMember(call, key, group, options);
  } finally {
    connection.release(client);
  }
}

type Call = (name: string, ...args: readonly string[]) => Promise<Reply>;

function waits({ block, count = 100 }: StreamOptions): string[] {
  return ["COUNT", String(count), ...(block === 0 ? [] : ["BLOCK", String(Math.ceil(block ?? 0))])];
}

async function* readOn(call: Call, key: string, options: StreamOptions): AsyncGenerator<Entry, void> {
  // `$` again at each step would miss what comes between them.
  let last = options.from ?? "$";
  if (last === "$") last = readEntries(await call("xrevrange", key, "+", "-", "COUNT", "1"))[0]?.id ?? "0-0";
  for (;;) {
    const [found] = readStreams(await call("xread", ...waits(options), "STREAMS", key, last));
    if (!found) return;
    for (const entry of found.entries) {
      yield entry;
      last = entry.id;
    }
  }
}

async function* readAsMember(
  call: Call,
  key: string,
  group: string,
  options: StreamOptions,
): AsyncGenerator<Entry, void> {
  const { consumer = "typhoon", acknowledge = true, from = "$" } = options;
  try {
    await call("xgroup", "CREATE", key, group, from, "MKSTREAM");
  } catch (error) {
    if (!(error instanceof RedisFailure) || error.code !== "BUSYGROUP") throw error; // it is there already
  }
  // First what this consumer took and did not acknowledge, then what nobody has.
  for (let last = "0"; ;) {
    const isOld = last !== ">";
    const args = isOld ? ["COUNT", String(options.count ?? 100)] : waits(options);
    const [found] = readStreams(await call("xreadgroup", "GROUP", group, consumer, ...args, "STREAMS", key, last));
    if (isOld && !found?.entries.length) {
      last = ">";
      continue;
    }
    if (!found) return;
    for (const entry of found.entries) {
      yield entry;
      if (acknowledge) await call("xack", key, group, entry.id);
      if (isOld) last = entry.id;
    }
  }
}
