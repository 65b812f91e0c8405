import { parseArguments, usageError } from "./arguments.ts";
import { unknownName } from "./connections/lookup.ts";
import { connectionNames, removeConnection, usedNames } from "./connections/registry.ts";
import type { Magic } from "./magic.ts";

/** `%disconnect` closes connections. */
export const disconnect: Magic = {
  name: "disconnect",
  summary: "%disconnect NAME…|--all  close connections and forget those that %connect made",
  line: "template",
  takes: { options: { "--all": "flag" }, words: () => "connection" },
  help: `\`\`\`ts
%disconnect shop
%disconnect --all
\`\`\`

Open sessions are closed; a transaction that was not committed is rolled back. A connection of \`connections.toml\` opens again
when it is next used.`,
  async run({ line }, { output }) {
    const { words, flags } = parseArguments(disconnect, line, { flags: { all: ["--all"] }, words: [0, 100] });
    if (words.length === 0 && !flags.all) throw usageError(disconnect, "a connection's name is missing");
    const used = usedNames();
    const names = flags.all ? used : words;
    for (const name of names) {
      if (!used.includes(name) && !(await connectionNames()).includes(name))
        throw unknownName(name, await connectionNames());
      const wasThere = await removeConnection(name);
      output.stream("stdout", wasThere ? `"${name}" is closed\n` : `"${name}" was not connected\n`);
    }
    if (names.length === 0) output.stream("stdout", "Nothing is connected.\n");
    return undefined;
  },
};
