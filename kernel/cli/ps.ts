import { parseArgs } from "node:util";
import { psColumns, psRow } from "../../magics/ps.ts";
import { listing } from "../../magics/listing.ts";
import { listServers } from "../../magics/up/list.ts";
import type { Command } from "./command.ts";

/** `typhoon ps` lists the servers that run. */
export const ps: Command = {
  name: "ps",
  summary: "lists the servers that typhoon up or %up has started",
  help: "Usage: typhoon ps\n\nLists the servers that run, with their memory and who asked for them.",
  async run(args) {
    parseArgs({ args });
    const servers = await listServers();
    const table = listing(psColumns, servers.map(psRow)).data["text/plain"];
    console.log(servers.length > 0 ? String(table) : "no server runs; typhoon up NAME starts one");
    return 0;
  },
};
