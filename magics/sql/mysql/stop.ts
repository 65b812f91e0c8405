import type { ConnectionOptions } from "../../connections/options.ts";
import { connect } from "./connect.ts";
import { type Execution, execute } from "./execution.ts";
import { queryMessage } from "./messages.ts";
import type { WireConnection } from "./wire.ts";

/** A statement that was stopped and has not ended after so long loses its connection. */
const stopMs = 800;

/**
 * Has the server stop what a connection runs, by a connection beside it; false where that takes too long, and the connection
 * is of no use.
 */
export async function stopQuery(
  connection: WireConnection,
  options: ConnectionOptions,
  execution: Execution | undefined,
): Promise<boolean> {
  const stopped = async (): Promise<void> => {
    const helper = await connect(options, AbortSignal.timeout(stopMs));
    try {
      const message = queryMessage(`kill query ${connection.threadId}`);
      await execute(helper, message, "text", new Map()).started.catch(() => {});
    } finally {
      helper.end();
    }
    await execution?.ended;
    // A kill that came after the statement's end would hit the next one: this one takes it.
    await execute(connection, queryMessage("do 0"), "text", new Map()).ended;
  };
  return withinMs(stopped(), stopMs).catch(() => false);
}

/** Waits for so long at most; tells whether it was done. */
export async function withinMs(work: Promise<unknown>, ms: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => resolve(false), ms);
  try {
    return await Promise.race([work.then(() => true), promise]);
  } finally {
    clearTimeout(timer);
  }
}
