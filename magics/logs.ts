import { parseArguments, wholeNumber } from "./arguments.ts";
import type { Magic } from "./magic.ts";
import { asMagicError } from "./up/ask.ts";
import { readLog } from "./up/log.ts";
import { serverNames } from "./up/state.ts";

const accepted = { options: { lines: ["-n", "--lines"] }, words: [1, 1] } as const;
const usualLines = 50;

/** `%logs` shows what a server has written. */
export const logsMagic: Magic = {
  name: "logs",
  summary: "%logs NAME [-n LINES]  show the last lines that a server of %up has written",
  line: "template",
  takes: { options: { "-n": [], "--lines": [] }, words: () => serverNames() },
  help: `Shows what a server has written since it was started, also one that has ended by itself. Assigned, it returns the text.

\`\`\`ts
%logs postgres
%logs postgres -n 200
\`\`\``,
  async run(call, context) {
    const { words, options } = parseArguments(logsMagic, call.line, accepted);
    const lines = options.lines === undefined ? usualLines : wholeNumber(logsMagic, "-n", options.lines);
    context.signal.throwIfAborted();
    const text = await asMagicError("logs", () => readLog(words[0]!, lines));
    if (call.assigned) return text;
    context.output.stream("stdout", text === "" ? "it has written nothing\n" : `${text}\n`);
    return undefined;
  },
};
