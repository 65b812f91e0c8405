import { homedir } from "node:os";
import { parseArguments } from "./arguments.ts";
import { MagicError, type Magic } from "./magic.ts";
import { pathError, resolvePath } from "./paths.ts";

let previous: string | undefined;

/** `%cd` changes the working directory. */
export const cd: Magic = {
  name: "cd",
  summary: "%cd [FOLDER]  change the working directory, to the home folder without one, back with -",
  line: "template",
  takes: { words: (before) => (before.length === 0 ? "folder" : []) },
  help: `\`\`\`ts
%cd data
%cd \${folder}
// back to where you were:
%cd -
const here = %cd ~/work
\`\`\`

Files are read and programs start in the working directory. Imports and \`%npm\` keep to the notebook's folder.`,
  async run({ line, assigned }, { output }) {
    const [folder = "~"] = parseArguments(cd, line, { words: [0, 1] }).words;
    if (folder === "-" && previous === undefined)
      throw new MagicError("cd", "no folder to go back to; give one, as in `%cd data`");
    const from = currentFolder();
    const to = folder === "-" ? previous! : resolvePath(folder);
    try {
      process.chdir(to);
    } catch (error) {
      throw pathError("cd", to, error);
    }
    previous = from;
    if (assigned) return to;
    output.stream("stdout", `${to}\n`);
    return undefined;
  },
};

/** The working directory may have been removed; then one can only leave it. */
function currentFolder(): string {
  try {
    return process.cwd();
  } catch {
    return homedir();
  }
}
