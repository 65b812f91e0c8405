import { parseArgs } from "node:util";
import { describeStopped } from "../../magics/up/describe.ts";
import { runningServers } from "../../magics/up/running.ts";
import { stopServer } from "../../magics/up/stop.ts";
import { type Command, CommandError } from "./command.ts";
import { asCommand, untilInterrupted } from "./servers.ts";

const options = { all: { type: "boolean" }, purge: { type: "boolean" } } as const;

/** `typhoon down` stops servers. */
export const down: Command = {
  name: "down",
  summary: "stops servers that typhoon up or %up has started",
  help: `Usage: typhoon down NAME… [--purge]
       typhoon down --all [--purge]

Stops a server, also one that a notebook uses; its data stays for the next start.

  --all     stops all that run
  --purge   deletes the data too`,
  async run(args) {
    const { values, positionals } = parseArgs({ args, options, allowPositionals: true });
    const running = runningServers().map(({ name }) => name);
    if (positionals.length === 0 && !values.all) throw new CommandError("name a server, or give --all");
    if (values.all && running.length === 0) console.log("no server runs");
    return untilInterrupted(async (signal) => {
      for (const name of values.all ? running : positionals) {
        const stopped = await asCommand(() => stopServer(name, signal, values.purge));
        console.log(describeStopped(name, stopped));
      }
    });
  },
};
