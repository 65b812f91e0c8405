import { usageError } from "./arguments.ts";
import { templateText, type Magic } from "./magic.ts";

const modes = ["off", "warn", "block"];
const means: Readonly<Record<string, string>> = {
  off: "types are not checked",
  warn: "type errors are shown under the cell, which runs all the same",
  block: "a cell with type errors does not run",
};

/** `%typecheck` says or sets what the type errors of a cell do. */
export const typecheck: Magic = {
  name: "typecheck",
  summary: "%typecheck [off|warn|block]  say or set what a cell's type errors do",
  line: "template",
  takes: { words: (before) => (before.length === 0 ? modes : []) },
  help: `\`\`\`ts
// says which mode is on:
%typecheck
// shows type errors under the cell, which runs all the same; the mode at the start:
%typecheck warn
// does not run a cell with type errors:
%typecheck block
// checks nothing:
%typecheck off
\`\`\`

The mode holds for the cells after this one, until the kernel is restarted. To keep it, set TYPHOON_TYPECHECK, as by
\`typhoon install --env TYPHOON_TYPECHECK=block\`. One line is left out by \`// @ts-ignore\` above it, a cell by
\`// @ts-nocheck\` on its first line.`,
  async run({ line, assigned }, { output, settings }) {
    const mode = templateText(line).trim();
    if (mode !== "") {
      if (!modes.includes(mode)) throw usageError(typecheck, `"${mode}" is no mode: it is off, warn or block`);
      settings.set("typecheck", mode);
    }
    const now = settings.get("typecheck");
    if (assigned) return now;
    output.stream("stdout", `typecheck = ${now}: ${means[now]}\n`);
    return undefined;
  },
};
