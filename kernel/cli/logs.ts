import { parseArgs } from "node:util";
import { readLog } from "../../magics/up/log.ts";
import { type Command, CommandError } from "./command.ts";
import { asCommand } from "./servers.ts";

const usualLines = "50";

/** `typhoon logs` shows what a server has written. */
export const logs: Command = {
  name: "logs",
  summary: "shows what a server has written",
  help: `Usage: typhoon logs NAME [--lines N]

  --lines N   how many of the last lines, ${usualLines} by default`,
  async run(args) {
    const options = { lines: { type: "string", short: "n", default: usualLines } } as const;
    const { values, positionals } = parseArgs({ args, options, allowPositionals: true });
    const [name, another] = positionals;
    if (name === undefined || another !== undefined) throw new CommandError("name one server: typhoon logs NAME");
    const lines = Number(values.lines);
    if (!(Number.isInteger(lines) && lines > 0)) throw new CommandError("--lines needs a number");
    console.log(await asCommand(() => readLog(name, lines)));
    return 0;
  },
};
