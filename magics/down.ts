import { parseArguments, usageError } from "./arguments.ts";
import type { Magic } from "./magic.ts";
import { askToStop } from "./up/ask.ts";
import { describeStopped } from "./up/describe.ts";
import { runningServers } from "./up/running.ts";

const accepted = { flags: { all: ["--all"], purge: ["--purge"] }, words: [0, Infinity] } as const;

/** `%down` stops servers that `%up` or `typhoon up` has started. */
export const downMagic: Magic = {
  name: "down",
  summary: "%down NAME… [--all] [--purge]  stop servers that %up or `typhoon up` has started",
  line: "template",
  takes: {
    options: { "--all": "flag", "--purge": "flag" },
    words: () => runningServers().map(({ name }) => name),
  },
  help: `Stops a server, also one that another notebook uses. Its data stays for the next \`%up\`, unless \`--purge\` deletes it.

\`\`\`ts
%down postgres
%down postgres --purge
%down --all
\`\`\``,
  async run(call, context) {
    const { words, flags } = parseArguments(downMagic, call.line, accepted);
    const running = runningServers().map(({ name }) => name);
    if (words.length === 0 && !flags.all) {
      const advice = running.length > 0 ? `; ${running.join(", ")} ${running.length > 1 ? "run" : "runs"}` : "";
      throw usageError(downMagic, `name a server, or give --all${advice}`);
    }
    context.signal.throwIfAborted();
    for (const name of flags.all ? running : words) {
      const stopped = await askToStop(name, flags.purge, context);
      context.output.stream("stdout", `${describeStopped(name, stopped)}\n`);
    }
    if (flags.all && running.length === 0) context.output.stream("stdout", "no server runs\n");
  },
};
