import { parseArguments, usageError, wholeNumber } from "./arguments.ts";
import type { Magic } from "./magic.ts";
import { askFor, asMagicError } from "./up/ask.ts";
import { describeUp } from "./up/describe.ts";
import { loadRecipe, recipeNames } from "./up/recipes.ts";

const accepted = {
  flags: { fresh: ["--fresh"], tls: ["--tls"], cluster: ["--cluster"] },
  options: { port: ["--port"], name: ["--name"] },
  words: [0, Infinity],
} as const;

/** `%up` starts real servers on this machine. */
export const upMagic: Magic = {
  name: "up",
  summary:
    "%up NAME… [--fresh] [--tls] [--port N] [--name OTHER]  start real servers on this machine: postgres, mysql, …",
  line: "template",
  takes: {
    options: { "--fresh": "flag", "--tls": "flag", "--cluster": "flag", "--port": [], "--name": [] },
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
      const up = await askFor(name, { name: options.name, port, fresh: flags.fresh, tls: flags.tls }, context);
      servers.push(up.server);
      if (!call.assigned) context.output.stream("stdout", `${describeUp(up)}\n`);
    }
    if (!call.assigned) return undefined;
    return servers.length === 1 ? servers[0] : servers;
  },
};
