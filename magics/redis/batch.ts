import type { Table } from "apache-arrow";
import { untilAborted } from "../abort.ts";
import { adviseOn } from "./advice.ts";
import type { RedisConnection } from "./connection.ts";
import { RedisFailure, replyFailure } from "./failure.ts";
import type { Reply } from "./reply.ts";
import { type CommandCall, type RunOptions, send, sendAll, toBuffer, toResult } from "./run.ts";

/** A command with the line of the cell on which it stands. */
export interface PlacedCall {
  readonly call: CommandCall;
  readonly line: number;
}

/** Sends all commands at once, whose replies come in their order. Where some fail, the error names the first; all have been run. */
export async function runPipeline(
  connection: RedisConnection,
  calls: readonly PlacedCall[],
  options: RunOptions,
): Promise<(Reply | Table)[]> {
  const sent = await sendAll(
    connection,
    calls.map(({ call }) => call),
    options.signal,
  );
  const failed = sent.flatMap((result, i) =>
    result.status === "rejected" ? [{ reason: result.reason as unknown, ...calls[i]! }] : [],
  );
  const [first] = failed;
  if (!first)
    return Promise.all(
      sent.map((result, i) =>
        toResult(connection, calls[i]!.call, (result as PromiseFulfilledResult<unknown>).value, options),
      ),
    );
  const others = calls.length - failed.length;
  const rest =
    failed.length === calls.length
      ? ""
      : `\nThe other commands were run (${others} of ${calls.length}); --multi makes them one transaction`;
  throw placed(await adviseOn(first.reason, first.call, connection, options.signal), first.line, rest);
}

/** Runs all commands as one transaction: between them no other client's command runs. */
export async function runTransaction(
  connection: RedisConnection,
  calls: readonly PlacedCall[],
  options: RunOptions,
): Promise<(Reply | Table)[]> {
  const { signal } = options;
  signal.throwIfAborted();
  // The driver sends a transaction to a node, which it knows once the cluster has answered.
  if (connection.isCluster) await send(connection, ["ping"], signal);
  const batch = connection.commands().multi();
  for (const { call } of calls) {
    const [name, ...args] = call;
    batch.callBuffer(name.toLowerCase(), ...args.map(toBuffer));
  }
  const done = batch.exec();
  done.catch(() => {});
  let results: Awaited<typeof done>;
  try {
    results = await untilAborted(signal, done);
  } catch (error) {
    if (signal.aborted) connection.dropCommands();
    throw explainMulti(error, connection.target);
  }
  if (results === null)
    throw new RedisFailure(
      "WatchFailed",
      "WATCH",
      "a watched key was changed by somebody else, so nothing of the transaction was done. Run it again",
    );
  const replies = results.map(([error, raw], i) => {
    if (error) {
      const rest = "\nThe other commands of the transaction were done: Redis takes nothing back";
      throw placed(explainMulti(error, connection.target), calls[i]!.line, results.length > 1 ? rest : "");
    }
    return toResult(connection, calls[i]!.call, raw, options);
  });
  return Promise.all(replies);
}

function placed(reason: unknown, line: number, rest: string): unknown {
  if (!(reason instanceof RedisFailure)) return reason;
  return new RedisFailure(reason.name, reason.code, `line ${line}: ${reason.message}${rest}`, reason);
}

/** Explains why a transaction failed: what the server said against one of its commands is the reason, where there is one. */
function explainMulti(error: unknown, target: { readonly name: string }): unknown {
  const { previousErrors = [] } = (error ?? {}) as { previousErrors?: readonly unknown[] };
  const [first] = previousErrors;
  if (!(first instanceof RedisFailure)) {
    // A reply within that of EXEC, or what the driver finds before it sends anything: keys that are not on one node.
    const name = typeof error === "object" && error !== null && "name" in error ? error.name : undefined;
    return name === "Error" || name === "ReplyError" ? replyFailure((error as Error).message, target) : error;
  }
  const message = `${first.message.replace(/\.?$/, ".")} Nothing of the transaction was done.`;
  return new RedisFailure(first.name, first.code, message, first);
}
