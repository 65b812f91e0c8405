import type { MimeBundle } from "../display/mimebundle.ts";
import { currentOutput, type Output } from "../display/output.ts";
import { parseArguments, usageError } from "./arguments.ts";
import { untilAborted } from "./abort.ts";
import type { Captured, Magic } from "./magic.ts";

/** What `%%capture name` keeps; `show` prints and shows it where it is called. */
export interface CapturedOutput extends Captured {
  show(): void;
}

const accepted = {
  flags: { stdout: ["--no-stdout"], stderr: ["--no-stderr"], display: ["--no-display"] },
  words: [0, 1],
} as const;

/** `%%capture` keeps what the cell prints and shows instead of letting it out. */
export const capture: Magic = {
  name: "capture",
  summary: "%%capture [NAME] [--no-stdout] [--no-stderr] [--no-display]  keep back what the cell prints and shows",
  cell: "code",
  takes: { options: { "--no-stdout": "flag", "--no-stderr": "flag", "--no-display": "flag" } },
  help: `With a name the output is kept in a variable: \`stdout\`, \`stderr\`, \`outputs\`, \`value\` and \`show()\`. Without one it is dropped.

\`\`\`ts
%%capture training
for (const epoch of epochs) console.log(await train(epoch))
\`\`\`
\`\`\`ts
training.stdout.split("\\n").at(-2)
training.show()
\`\`\`

\`--no-stdout\`, \`--no-stderr\` and \`--no-display\` let that kind of output through.`,
  async run({ line, code, assigned }, context) {
    const { words, flags } = parseArguments(capture, line, accepted);
    const [name] = words;
    if (name !== undefined && !/^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(name)) {
      throw usageError(capture, `"${name}" is not a name for a variable`);
    }
    if (!code) throw usageError(capture, "there is no code below the line");
    const captured = await untilAborted(context.signal, context.capture(code));
    const kept: Captured = {
      stdout: flags.stdout ? "" : captured.stdout,
      stderr: flags.stderr ? "" : captured.stderr,
      outputs: flags.display ? [] : captured.outputs,
      value: captured.value,
    };
    write(context.output, {
      stdout: flags.stdout ? captured.stdout : "",
      stderr: flags.stderr ? captured.stderr : "",
      outputs: flags.display ? captured.outputs : [],
    });
    const result: CapturedOutput = { ...kept, show: () => write(currentOutput(), kept) };
    if (name !== undefined) context.names.set(name, result);
    return assigned ? result : undefined;
  },
};

function write(
  output: Output,
  { stdout, stderr, outputs }: { stdout: string; stderr: string; outputs: readonly MimeBundle[] },
): void {
  if (stdout) output.stream("stdout", stdout);
  if (stderr) output.stream("stderr", stderr);
  for (const bundle of outputs) output.display(bundle);
}
