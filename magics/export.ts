import { readFile, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { parseArguments, usageError } from "./arguments.ts";
import { MagicError, type Magic } from "./magic.ts";
import { pathError, resolvePath } from "./paths.ts";

/** `%export` writes the cells of this session as a module. */
export const exportMagic: Magic = {
  name: "export",
  summary: "%export [-f] FILE  write the cells that ran as one TypeScript module, for tsc and plain Node",
  line: "template",
  takes: { options: { "-f": "flag", "--force": "flag" }, words: (before) => (before.length === 0 ? "file" : []) },
  help: `\`\`\`ts
%export report.ts
// the text, without a file:
const text = %export
\`\`\`

Each cell that ran without an error is in it once, as it ran last, at the place where it ran first. Magics become calls of
\`typhoon-kernel\`, and what a later cell declares anew gets a name of its own. \`-f\` (\`--force\`) overwrites a file that no export has written.

\`typhoon export NOTEBOOK.ipynb\` in a terminal exports a notebook's file, with its text as comments.`,
  async run({ line, assigned }, { output, signal, toModule }) {
    const accepted = { flags: { force: ["-f", "--force"] }, words: [0, 1] } as const;
    const { words, flags } = parseArguments(exportMagic, line, accepted);
    const [file] = words;
    if (file === undefined && !assigned) throw usageError(exportMagic, "name the file, as in `%export report.ts`");
    if (file !== undefined && !/\.m?ts$/.test(file))
      throw usageError(exportMagic, `${file} is no TypeScript file: give a name that ends in .ts or .mts`);
    const path = resolvePath(file ?? "notebook.ts");
    const { text, notes, cells } = await readModule(toModule(dirname(path)));
    signal.throwIfAborted();
    if (file === undefined) return text;
    await checkOverwrite(path, file, text, flags.force);
    try {
      await writeFile(path, text, { signal });
    } catch (error) {
      throw pathError("export", path, error);
    }
    if (assigned) return text;
    const lines = [`Wrote ${file}: ${cells} ${cells === 1 ? "cell" : "cells"}.`, ...notes];
    output.stream("stdout", `${lines.join("\n")}\n`);
    return undefined;
  },
};

/** What cannot be exported is the reader's to mend. */
async function readModule<T>(module: Promise<T>): Promise<T> {
  try {
    return await module;
  } catch (error) {
    if (error instanceof Error && error.name === "ExportError")
      throw new MagicError("export", error.message, { cause: error });
    throw error;
  }
}

async function checkOverwrite(path: string, file: string, text: string, force: boolean): Promise<void> {
  const there = await readFile(path, "utf8").catch(() => undefined);
  // The first line says what has written it.
  const mark = text.slice(0, text.indexOf(" from "));
  if (there === undefined || force || there.startsWith(mark)) return;
  throw new MagicError(
    "export",
    `${file} is there, and no export has written it: \`%export -f ${file}\` overwrites it`,
  );
}
