import { parseArgs } from "node:util";
import { describeUp } from "../../magics/up/describe.ts";
import { serverFolder } from "../../magics/up/places.ts";
import { recipeNames } from "../../magics/up/recipes.ts";
import { startServer } from "../../magics/up/start.ts";
import { type Command, CommandError } from "./command.ts";
import { asCommand, showStep, untilInterrupted } from "./servers.ts";

const options = {
  fresh: { type: "boolean" },
  tls: { type: "boolean" },
  cluster: { type: "boolean" },
  port: { type: "string" },
  name: { type: "string" },
} as const;

/** `typhoon up` starts servers that run until `typhoon down`. */
export const up: Command = {
  name: "up",
  summary: "starts real servers on 127.0.0.1, for notebooks and other programs",
  help: `Usage: typhoon up NAME… [OPTIONS]

Starts ${recipeNames.join(", ")}; what is not installed yet is downloaded into your cache folder.
A notebook finds it by its name, as in \`%%sql postgres\`. It runs until \`typhoon down NAME\`; its data stays.

  --fresh        begins with empty data
  --tls          its clients use TLS
  --port N       the port; a free one by default
  --name OTHER   another name, for a second server beside the first
  --cluster      redis as a cluster of three nodes`,
  async run(args) {
    const { values, positionals } = parseArgs({ args, options, allowPositionals: true });
    const { name, fresh = false, tls = false, cluster } = values;
    if (positionals.length === 0) throw new CommandError(`name a server: ${recipeNames.join(", ")}`);
    if (positionals.length > 1 && (name ?? values.port) !== undefined) {
      throw new CommandError("--name and --port are about one server: start the others by a command of their own");
    }
    if (cluster && !positionals.includes("redis")) throw new CommandError("--cluster is for redis");
    const port = values.port === undefined ? undefined : Number(values.port);
    if (port !== undefined && !(Number.isInteger(port) && port > 0)) throw new CommandError("--port needs a number");
    return untilInterrupted(async (signal) => {
      for (const word of positionals) {
        const recipe = cluster && word === "redis" ? "redis-cluster" : word;
        const who = "typhoon up";
        const say = (line: string): void => console.error(line);
        const started = await asCommand(() =>
          startServer(recipe, { name, port, fresh, tls }, { signal, who, say, step: showStep }),
        );
        await started.lease.ask({ type: "keep", who });
        started.lease.close();
        console.log(describeUp(started));
        const { server } = started;
        console.log(
          `  user ${server.user}; the password and the whole URL are in ${serverFolder(server.name)}/run.json`,
        );
      }
    });
  },
};
