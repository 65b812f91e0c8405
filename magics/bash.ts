import { splitWords, usageError } from "./arguments.ts";
import { MagicError, type Magic } from "./magic.ts";
import { runCommand } from "./sh.ts";

/** `%%bash` runs the cell as a Bash script. */
export const bash: Magic = {
  name: "bash",
  summary: "%%bash [ARGUMENT…]  run the cell as a Bash script and show its output as it comes",
  cell: "text",
  takes: { language: "shell" },
  help: `The cell is the script as it stands, so \`\${NAME}\` is Bash's. Words on the first line are \`$1\`, \`$2\`, …

\`\`\`bash
%%bash data
for file in "$1"/*.csv; do wc -l "$file"; done
\`\`\`

\`%%bash text <<\` keeps the output in \`text\`. The script stops at the first error if it begins with \`set -e\`.
An exit code other than 0 is an error; interrupting the cell ends the script and all it started.`,
  async run(call, context) {
    const script = call.body?.strings.join("") ?? "";
    if (script.trim() === "") throw usageError(bash, "there is no script below the line");
    const words = splitWords(bash, call.line).map(({ text }) => text);
    const command = { magic: "bash", title: "the script", program: "bash", args: ["-c", script, "bash", ...words] };
    try {
      return await runCommand(command, call, context);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
      const mend = "install Bash (on Windows it comes with Git), or use %%sh";
      throw new MagicError("bash", `bash or the folder ${context.folder} was not found; ${mend}`, { cause: error });
    }
  },
};
