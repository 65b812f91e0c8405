import { parseArguments, usageError } from "./arguments.ts";
import type { Magic } from "./magic.ts";

/** Makes a cell magic that shows its cell, as it stands, under one MIME type. */
export function richCell({
  name,
  mime,
  noun,
  example,
  note = "",
}: {
  name: string;
  mime: string;
  noun: string;
  example: string;
  note?: string;
}): Magic {
  const magic: Magic = {
    name,
    summary: `%%${name}  show the cell as ${noun}`,
    cell: "text",
    help: `The cell is shown as it stands; nothing is put in for \`\${…}\`. In code, \`display\` does the same with values.${note && `\n${note}`}

\`\`\`
%%${name}
${example}
\`\`\``,
    async run({ line, body }, { output }) {
      parseArguments(magic, line, {});
      const text = body?.strings.join("") ?? "";
      if (text.trim() === "") throw usageError(magic, "there is nothing to show below the line");
      output.display({ data: { [mime]: text, "text/plain": text }, metadata: {} });
    },
  };
  return magic;
}
