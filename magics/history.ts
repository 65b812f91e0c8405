import { parseArguments, wholeNumber } from "./arguments.ts";
import { untilAborted } from "./abort.ts";
import type { HistoryEntry, Magic } from "./magic.ts";

/** `%history` shows the cells of this session. */
export const history: Magic = {
  name: "history",
  summary: "%history [-n NUMBER] [-g PATTERN]  show the last cells of this session, or those with a text in them",
  line: "text",
  takes: { options: { "-n": [], "-g": [] } },
  help: `\`\`\`ts
%history -n 5
// * stands for any text, ? for one character:
%history -g "sql*from"
// the sources, oldest first:
const cells = %history
\`\`\``,
  async run({ line, assigned }, context) {
    const accepted = { options: { number: ["-n"], pattern: ["-g"] } } as const;
    const { options } = parseArguments(history, line, accepted);
    const limit = options.number === undefined ? Infinity : wholeNumber(history, "-n", options.number);
    const matches = matcher(options.pattern);
    // A pattern looks through all cells first: `-n 5 -g sql` is the last five that match.
    const asked = options.pattern === undefined ? Math.min(limit, mostCells) : mostCells;
    const cells = await untilAborted(context.signal, context.history(asked));
    const found = cells.filter(({ source }) => matches(source)).slice(-limit);
    if (assigned) return found.map(({ source }) => source);
    context.output.stream("stdout", found.length > 0 ? `${found.map(format).join("\n\n")}\n` : "No such cells.\n");
    return undefined;
  },
};

const mostCells = 100_000;

function format({ count, source }: HistoryEntry): string {
  return `// In[${count}]\n${source}`;
}

function matcher(pattern: string | undefined): (source: string) => boolean {
  if (pattern === undefined) return () => true;
  const expression = RegExp.escape(pattern).replaceAll("\\*", "[^]*?").replaceAll("\\?", "[^]");
  const regex = new RegExp(expression);
  return (source) => regex.test(source);
}
