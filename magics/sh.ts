import { currentOutput, type Output } from "../display/output.ts";
import { usageError } from "./arguments.ts";
import { MagicError, type Magic, type Template } from "./magic.ts";
import { describeEnd, runProcess, type Ended } from "./process.ts";
import { quoteValue } from "./quote.ts";

/** What a shell command printed, by ``await sh`…` ``. */
export interface ShellResult {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number;
  /** The stdout without its last line end. */
  text(): string;
  lines(): string[];
  toString(): string;
}

/** The promise of a shell command; `text` and `lines` save an `await`. */
export interface ShellPromise extends Promise<ShellResult> {
  text(): Promise<string>;
  lines(): Promise<string[]>;
  /** Shows the output as it comes, as `%sh` does, and resolves at the end. */
  show(): Promise<void>;
}

/** How a command is started: a line for the system's shell, or a program with its arguments. */
interface Command {
  readonly magic: string;
  /** What the error names. */
  readonly title: string;
  readonly program: string;
  readonly args?: readonly string[];
}

/** Runs a shell command, each value as one quoted argument (an array as several); rejects if its exit code is not 0. */
export function sh(strings: TemplateStringsArray, ...values: unknown[]): ShellPromise {
  // Backslashes are the shell's; only those that JavaScript needs to write a template go.
  const parts = strings.raw.map((part) => part.replaceAll(/\\(`|\$(?=\{))/g, "$1"));
  const shown: { to?: Output } = {};
  const promise = capture(parts, values, shown);
  return Object.assign(promise, {
    show: async () => {
      // Nothing has come yet: the command's output is read in a later turn.
      shown.to = currentOutput();
      await promise;
    },
    text: async () => (await promise).text(),
    lines: async () => (await promise).lines(),
  });
}

async function capture(
  strings: readonly string[],
  values: readonly unknown[],
  shown: { readonly to?: Output },
): Promise<ShellResult> {
  const program = commandLine({ strings, values });
  const command = { magic: "sh", title: program, program };
  const { printed, add, signal } = collect(command, currentOutput().signal);
  const onOutput = (name: "stdout" | "stderr", more: string): void => {
    add(name, more);
    shown.to?.stream(name, more);
  };
  const ended = await runProcess(program, [], { shell: true, signal, onOutput });
  if (ended.code !== 0) throw shellError(command, ended, printed, shown.to === undefined);
  const text = (): string => withoutLineEnd(printed.stdout);
  return {
    ...printed,
    code: 0,
    text,
    lines: () => (text() === "" ? [] : text().split(/\r?\n/)),
    toString: text,
  };
}

/** Runs a command for a magic: shows its output as it comes, or returns its stdout where the result is assigned. */
export async function runCommand(
  command: Command,
  call: Parameters<Magic["run"]>[0],
  context: Parameters<Magic["run"]>[1],
  place: { cwd?: string; env?: NodeJS.ProcessEnv } = {},
): Promise<string | undefined> {
  const { printed, add, signal } = collect(command, context.signal);
  const ended = await runProcess(command.program, command.args ?? [], {
    ...place,
    shell: command.args === undefined,
    signal,
    onOutput(name, text) {
      // Without a name for the result only the error needs what was printed, and of that the end.
      if (call.assigned) add(name, text);
      else printed[name] = (printed[name] + text).slice(-keptChars);
      if (!call.assigned || name === "stderr") context.output.stream(name, text);
    },
  });
  if (ended.code !== 0) throw shellError(command, ended, printed, call.assigned);
  return call.assigned ? withoutLineEnd(printed.stdout) : undefined;
}

/** `%sh` runs one shell command, `%%sh` a script. */
export const shMagic: Magic = {
  name: "sh",
  summary: "%sh COMMAND  run a shell command (%%sh a script) and show its output as it comes",
  line: "template",
  cell: "text",
  takes: { language: "shell" },
  help: `\`%sh\` hands a line to the system's shell: \`sh\`, or \`cmd\` on Windows. It runs in the working directory, which \`%cd\` changes.

\`\`\`ts
%sh git status
// the output as a string, without the last line end:
const head = %sh git rev-parse HEAD
// a value is one quoted argument, an array several:
const file = "my notes.txt"
%sh wc -l \${file}
// the same in code:
const names = await sh\`ls \${folder}\`.lines()
\`\`\`

In \`%%sh\` the cell is the script as it stands, so \`\${NAME}\` is the shell's there.
An exit code other than 0 is an error that carries \`code\`, \`stdout\` and \`stderr\`. Interrupting the cell ends the command and all it started.
Nothing can be typed into it: its stdin is empty. A server that should go on needs its output elsewhere: \`%sh server > log 2>&1 &\`.`,
  async run(call, context) {
    const program = call.body ? call.body.strings.join("") : commandLine(call.line);
    if (program.trim() === "") throw usageError(shMagic, "there is no command");
    const rest = call.body ? call.line.strings.join("").trim() : "";
    if (rest) throw usageError(shMagic, `nothing to do with "${rest}"; the script stands below the line`);
    return runCommand({ magic: "sh", title: firstLine(program), program }, call, context);
  },
};

const keptChars = 8192;
// Half of what a string can hold.
const mostChars = 256 * 2 ** 20;

/** What a command has printed. */
interface Collected {
  readonly printed: { stdout: string; stderr: string };
  add(name: "stdout" | "stderr", text: string): void;
  /** Ends the command: the cell's signal, or more text than a value can have. */
  readonly signal: AbortSignal;
}

function collect({ magic, title }: Command, cell: AbortSignal): Collected {
  const printed = { stdout: "", stderr: "" };
  const overflow = new AbortController();
  return {
    printed,
    signal: AbortSignal.any([cell, overflow.signal]),
    add(name, text) {
      if (overflow.signal.aborted) return;
      printed[name] += text;
      if (printed[name].length <= mostChars) return;
      const message = `this has printed more than 256 MB, the most that fits into a value, and was ended: ${title}`;
      const mend = "Let it write to a file, `COMMAND > FILE`, and read that in parts";
      overflow.abort(new MagicError(magic, `${message}\n${mend}`, { name: "ShellError" }));
    },
  };
}

function commandLine({ strings, values }: Template): string {
  return strings.reduce((text, part, i) => text + quoteValue(values[i - 1]) + part);
}

function shellError(
  { magic, title }: Command,
  ended: Ended,
  printed: Pick<ShellResult, "stdout" | "stderr">,
  unseen: boolean,
): MagicError {
  // Programs say what went wrong at the end, some on stdout only. What the cell shows already is not said twice.
  const said = unseen ? (printed.stderr.trim() || printed.stdout.trim()).slice(-2000) : "";
  const error = new MagicError(magic, `${describeEnd(ended)}: ${title}${said ? `\n${said}` : ""}`, {
    name: "ShellError",
  });
  return Object.assign(error, { code: ended.code, ...printed });
}

function firstLine(script: string): string {
  const [first = "", ...rest] = script.trim().split("\n");
  return rest.length > 0 ? `${first} …` : first;
}

function withoutLineEnd(text: string): string {
  return text.replace(/\r?\n$/, "");
}
