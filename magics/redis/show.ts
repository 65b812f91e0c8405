import type { Table } from "apache-arrow";
import type { Output } from "../../display/output.ts";
import type { RedisConnection } from "./connection.ts";
import { listenTo, type Message, messageRows, monitor, monitorRows, type Monitored } from "./listen.ts";
import { toTable } from "./rows.ts";
import type { CommandCall } from "./run.ts";

/** When listening ends; else it does at an interrupt. */
export interface ListenLimits {
  readonly max: number;
  readonly seconds: number | undefined;
}

/** Says which commands listen instead of giving a reply. */
export function isListening([name]: CommandCall): boolean {
  return /^(?:[ps]?subscribe|monitor)$/i.test(name);
}

/** Listens: shows what comes as it comes, or gives it as a table where the result is assigned. */
export async function listen(
  connection: RedisConnection,
  [name, ...args]: CommandCall,
  limits: ListenLimits,
  { output, signal, assigned }: { output: Output; signal: AbortSignal; assigned: boolean },
): Promise<Table | undefined> {
  const show = assigned ? undefined : (line: string) => output.stream("stdout", `${line}\n`);
  const command = name.toLowerCase() as "subscribe" | "psubscribe" | "ssubscribe" | "monitor";
  if (command === "monitor") {
    const lines = await collect(
      (until) => monitor(connection, until),
      limits,
      signal,
      show && ((line) => show(monitorLine(line))),
    );
    return assigned ? toTable(monitorRows(lines)) : undefined;
  }
  const messages = await collect(
    (until) => listenTo(connection, command, args, until),
    limits,
    signal,
    show && (({ channel, message }) => show(`${channel}  ${messageText(message)}`)),
  );
  return assigned ? toTable(messageRows(messages)) : undefined;
}

/** Takes what comes until there is enough of it; what is shown need not be kept. */
async function collect<T>(
  source: (signal: AbortSignal) => AsyncGenerator<T, void>,
  { max, seconds }: ListenLimits,
  signal: AbortSignal,
  show: ((item: T) => void) | undefined,
): Promise<T[]> {
  // The time is what the person asked for, so here a timer is the event itself.
  const time = seconds === undefined ? undefined : AbortSignal.timeout(seconds * 1000);
  const kept: T[] = [];
  let count = 0;
  try {
    for await (const item of source(time ? AbortSignal.any([signal, time]) : signal)) {
      if (show) show(item);
      else kept.push(item);
      if (++count >= max) break;
    }
  } catch (error) {
    if (time?.aborted !== true || signal.aborted) throw error;
  }
  return kept;
}

function messageText(message: Message["message"]): string {
  return typeof message === "string" ? message : `(${message.length} bytes) ${Buffer.from(message).toString("hex")}`;
}

function monitorLine({ time, source, database, command }: Monitored): string {
  const [at] = /\d\d:\d\d:\d\d\.\d+/.exec(new Date(time * 1000).toISOString())!;
  return `${at}  ${source}  [${database}]  ${command.join(" ")}`;
}
