import { parseArguments, usage } from "./arguments.ts";
import { listing } from "./listing.ts";
import type { Magic } from "./magic.ts";

/** Makes `%lsmagic` of a function that gives every magic; the table of magics hands itself in. */
export function createLsmagic(all: () => Promise<readonly Magic[]>): Magic {
  const lsmagic: Magic = {
    name: "lsmagic",
    summary: "%lsmagic  list every magic with one line each",
    line: "text",
    help: `\`\`\`ts
%lsmagic
// name, usage and summary of each:
const magics = %lsmagic
\`\`\`

\`%name?\` shows a magic's help with examples.`,
    async run({ line, assigned }, { output }) {
      parseArguments(lsmagic, line, {});
      const rows = (await all()).map((magic) => {
        const written = usage(magic);
        return { name: magic.name, usage: written, summary: magic.summary.slice(written.length).trim() };
      });
      if (assigned) return rows;
      output.display(
        listing(
          ["magic", "what it does"],
          rows.map((row) => [row.usage, row.summary]),
        ),
      );
      return undefined;
    },
  };
  return lsmagic;
}
