import { parseArguments } from "./arguments.ts";
import { listing } from "./listing.ts";
import type { Magic } from "./magic.ts";
import { type ListedServer, listServers } from "./up/list.ts";

/** `%ps` lists the servers that `%up` and `typhoon up` have started. */
export const psMagic: Magic = {
  name: "ps",
  summary: "%ps  list the servers that %up and `typhoon up` have started, with their memory and who asked for them",
  line: "template",
  help: `Lists the servers of this machine that run now. Assigned, it returns them.

\`\`\`ts
%ps
const servers = %ps
\`\`\``,
  async run(call, context) {
    parseArguments(psMagic, call.line, {});
    context.signal.throwIfAborted();
    const servers = await listServers();
    if (call.assigned) return servers;
    if (servers.length > 0) context.output.display(listing(psColumns, servers.map(psRow)));
    else context.output.stream("stdout", "no server runs; %up NAME starts one\n");
    return undefined;
  },
};

/** Heads of the columns of `%ps`. */
export const psColumns: readonly string[] = ["name", "server", "where", "pid", "memory", "since", "asked for by"];

/** Writes a server as a row of `%ps`. */
export function psRow(server: ListedServer): readonly string[] {
  const { name, title, version, host, ports, pids, memory, since, askedBy } = server;
  const started = since.toLocaleString("sv"); // 2026-05-04 13:00:00, in local time
  const used = memory === undefined ? "" : `${(memory / 1e6).toFixed(0)} MB`;
  return [
    name,
    `${title} ${version}`,
    `${host}:${ports.join(", ")}`,
    pids.join(", "),
    used,
    started,
    askedBy.join(", "),
  ];
}
