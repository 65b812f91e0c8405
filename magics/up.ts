import { parseArguments, usageError, wholeNumber } from "./arguments.ts";
import type { Magic } from "./magic.ts";
import { askFor, askForOptional, asMagicError } from "./up/ask.ts";
import { describeUp } from "./up/describe.ts";
import { loadRecipe, recipeNames } from "./up/recipes.ts";

const accepted = {
  flags: { fresh: ["--fresh"], tls: ["--tls"], cluster: ["--cluster"], optional: ["--optional"] },
  options: { port: ["--port"], name: ["--name"] },
  words: [0, Infinity],
} as const;

/** `%up` starts real servers on this machine. */
export const upMagic: Magic = {
  name: "up",
  summary:
    "%up NAME… [--fresh] [--tls] [--port N] [--name OTHER] [--optional]  start real servers on this machine: postgres, mysql, …",
  line: "template",
  takes: {
    options: {
      "--fresh": "flag",
      "--tls": "flag",
      "--cluster": "flag",
      "--optional": "flag",
      "--port": [],
      "--name": [],
    },
    words: () => recipeNames,
  },
  help: `Starts a real server on 127.0.0.1, and names its connection. What is not installed yet is downloaded into your cache folder, once.

\`\`\`ts
%up postgres
%%sql postgres
select version()
\`\`\`

There are ${recipeNames.map((name) => `\`${name}\``).join(", ")}. Several can be named.

\`\`\`ts
// empty data, a second server beside the first, with TLS, on a port of your choice:
%up postgres --fresh
%up postgres --name other --tls --port 5433
// three nodes, as \`redis-cluster\`:
%up redis --cluster
// where it cannot be started, the cells that use it say so in a line and are skipped:
%up mysql --optional
\`\`\`

Only this machine reaches it, with a password that is made for it. It stops when the notebooks that asked for it have ended, or by \`%down NAME\`; its data is there again at the next \`%up\`. In a terminal \`typhoon up NAME\` starts one that runs until \`typhoon down NAME\`. \`%ps\` lists them, \`%logs NAME\` shows what one has written.`,
  async run(call, context) {
    const { words, flags, options } = parseArguments(upMagic, call.line, accepted);
    if (words.length === 0) throw usageError(upMagic, `name a server: ${recipeNames.join(", ")}`);
    if (words.length > 1 && (options.name ?? options.port) !== undefined) {
      throw usageError(upMagic, "--name and --port are about one server: start the others by a line of their own");
    }
    const port = options.port === undefined ? undefined : wholeNumber(upMagic, "--port", options.port);
    const names = words.map((word) => (flags.cluster && word === "redis" ? "redis-cluster" : word));
    if (flags.cluster && !names.includes("redis-cluster")) throw usageError(upMagic, "--cluster is for redis");
    // A wrong name is told before anything is started.
    await asMagicError("up", () => Promise.all(names.map(loadRecipe)));
    const servers = [];
    for (const name of names) {
      const how = { name: options.name, port, fresh: flags.fresh, tls: flags.tls };
      const up = await (flags.optional ? askForOptional : askFor)(name, how, context);
      const isMissing = typeof up === "string";
      servers.push(isMissing ? undefined : up.server);
      if (isMissing || !call.assigned) context.output.stream("stdout", `${isMissing ? up : describeUp(up)}\n`);
    }
    if (!call.assigned) return undefined;
    return servers.length === 1 ? servers[0] : servers;
  },
};
