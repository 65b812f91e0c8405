import { writeFile } from "node:fs/promises";
import { existsSync } from "node:fs";
import { dirname } from "node:path";
import { parseArguments } from "./arguments.ts";
import { MagicError, type Magic } from "./magic.ts";
import { pathError, resolvePath } from "./paths.ts";

/** `%%writefile` writes the cell to a file. */
export const writefile: Magic = {
  name: "writefile",
  summary: "%%writefile [-a] PATH  write the cell to a file, or with -a at its end",
  cell: "text",
  takes: { options: { "-a": "flag", "--append": "flag" }, words: (before) => (before.length === 0 ? "file" : []) },
  help: `Everything below the first line goes into the file as it stands, as UTF-8.

\`\`\`ts
%%writefile cleaning.ts
export const clean = (text: string) => text.trim()
\`\`\`

\`-a\` (\`--append\`) adds to the file. A cell after it can \`import { clean } from "./cleaning.ts"\`.`,
  async run({ line, body }, { output, signal }) {
    const accepted = { flags: { append: ["-a", "--append"] }, words: [1, 1] } as const;
    const { words, flags } = parseArguments(writefile, line, accepted);
    const path = resolvePath(words[0]!);
    const folder = dirname(path);
    if (!existsSync(folder))
      throw new MagicError(
        "writefile",
        `there is no folder ${folder}; make it first, for example \`%sh mkdir -p ${JSON.stringify(folder)}\``,
      );
    const text = body?.strings.join("") ?? "";
    const verb = flags.append ? "Appended to" : existsSync(path) ? "Overwrote" : "Wrote";
    try {
      await writeFile(path, text === "" || text.endsWith("\n") ? text : `${text}\n`, {
        flag: flags.append ? "a" : "w",
        signal,
      });
    } catch (error) {
      throw pathError("writefile", path, error);
    }
    output.stream("stdout", `${verb} ${words[0]}\n`);
  },
};
