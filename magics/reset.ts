import { comm } from "../display/comm.ts";
import { parseArguments } from "./arguments.ts";
import { untilAborted } from "./abort.ts";
import { MagicError, type Magic, type MagicContext } from "./magic.ts";

/** `%reset` forgets every name of the notebook. */
export const reset: Magic = {
  name: "reset",
  summary: "%reset [-f]  forget every name that the cells declared, with -f without asking",
  line: "text",
  takes: { options: { "-f": "flag", "--force": "flag" } },
  help: `\`\`\`ts
%reset
// without asking first:
%reset -f
\`\`\`

Comms and their widgets are closed. Modules stay loaded and connections open; restart the kernel for a clean start.`,
  async run({ line }, context) {
    const { flags } = parseArguments(reset, line, { flags: { force: ["-f", "--force"] } });
    const count = Array.from(context.names.entries()).length;
    if (!flags.force && !(await agreed(count, context))) {
      context.output.stream("stdout", "Nothing forgotten.\n");
      return;
    }
    context.names.clear();
    comm.closeAll();
    context.output.stream("stdout", `${count} ${count === 1 ? "name" : "names"} forgotten.\n`);
  },
};

async function agreed(count: number, context: MagicContext): Promise<boolean> {
  const { signal } = context;
  signal.throwIfAborted();
  try {
    const answer = await untilAborted(signal, context.input(`Forget ${count} names? (y/n) `, false));
    return /^y(es)?$/i.test(answer.trim());
  } catch (error) {
    if (signal.aborted) throw error;
    throw new MagicError("reset", "nobody can answer here; use `%reset -f`", { cause: error });
  }
}
