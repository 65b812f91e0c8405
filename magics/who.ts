import { parseArguments } from "./arguments.ts";
import type { Magic } from "./magic.ts";

/** `%who` lists the names of the notebook. */
export const who: Magic = {
  name: "who",
  summary: "%who  list the names that the cells declared",
  line: "text",
  help: `\`\`\`ts
%who
const names = %who
\`\`\`

\`%whos\` adds kinds, types and values.`,
  async run({ line, assigned }, { names, output }) {
    parseArguments(who, line, {});
    const declared = Array.from(names.entries(), ({ name }) => name);
    if (assigned) return declared;
    output.stream("stdout", declared.length > 0 ? `${declared.join("  ")}\n` : "No names yet.\n");
    return undefined;
  },
};
