import { readFile } from "node:fs/promises";
import { parseArguments } from "./arguments.ts";
import { templateText, type Magic } from "./magic.ts";
import { pathError, resolvePath } from "./paths.ts";

/** `%load` puts a file's text into the cell. */
export const load: Magic = {
  name: "load",
  summary: "%load PATH  put a file's text into this cell",
  line: "template",
  takes: { words: (before) => (before.length === 0 ? "file" : []) },
  help: `The cell is replaced by the file, below a comment that keeps the command; run it then.

\`\`\`ts
%load cleaning.ts
// the text as a string, the cell stays:
const source = %load cleaning.ts
\`\`\``,
  async run({ line, assigned }, context) {
    const path = resolvePath(parseArguments(load, line, { words: [1, 1] }).words[0]!);
    try {
      const text = await readFile(path, { encoding: "utf8", signal: context.signal });
      if (assigned) return text;
      context.setNextInput(`// %load ${templateText(line).trim()}\n${text}`, true);
    } catch (error) {
      throw pathError("load", path, error);
    }
    return undefined;
  },
};
