import { parseArguments } from "./arguments.ts";
import { MagicError, type Magic } from "./magic.ts";

/** `%pwd` returns the working directory. */
export const pwd: Magic = {
  name: "pwd",
  summary: "%pwd  return the working directory",
  line: "text",
  help: `\`\`\`ts
%pwd
const here = %pwd
\`\`\`

It is the notebook's folder until \`%cd\` or \`process.chdir\` changes it.`,
  async run({ line }) {
    parseArguments(pwd, line, {});
    try {
      return process.cwd();
    } catch (error) {
      throw new MagicError("pwd", "the working directory has been removed; go to another with `%cd FOLDER`", {
        cause: error,
      });
    }
  },
};
