import { parseArguments } from "./arguments.ts";
import { listing } from "./listing.ts";
import type { Magic } from "./magic.ts";
import { describeVariables } from "./variables.ts";

/** `%whos` shows the notebook's variables in a table. */
export const whos: Magic = {
  name: "whos",
  summary: "%whos  show the notebook's variables: name, kind, type, value",
  line: "text",
  help: `\`\`\`ts
%whos
// name, kind, type and preview of each:
const variables = %whos
\`\`\`

The value of a name that looks like a key, a token or a password is hidden.`,
  async run({ line, assigned }, { names, output }) {
    parseArguments(whos, line, {});
    const variables = describeVariables(names);
    if (assigned) return variables;
    if (variables.length === 0) {
      output.stream("stdout", "No names yet.\n");
      return undefined;
    }
    const rows = variables.map(({ name, kind, type, preview }) => [name, kind, type, preview]);
    output.display(listing(["name", "kind", "type", "value"], rows));
    return undefined;
  },
};
