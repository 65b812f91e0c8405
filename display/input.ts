/** Options of `input`. */
export interface InputOptions {
  /** The answer where nobody can give one; a line says that it was taken. Also the answer of an empty line. */
  readonly default?: string;
}

/** Asks the person who runs the code. */
export interface Input {
  (question?: string, options?: InputOptions): Promise<string>;
  /** Asks without showing what is typed. */
  password(question?: string): Promise<string>;
}

/** Thrown where a program asks and its input has ended. */
class NoInput extends Error {
  override readonly name = "StdinNotAllowed";
}

let find: () => Input | undefined = () => undefined;

/** Says how the code of a notebook asks; called once by the runtime. */
export function setInput(finder: () => Input | undefined): void {
  find = finder;
}

/** Asks for a line of text: in a notebook its reader, in a plain Node program the terminal, or a line that is piped in. */
export const input: Input = Object.assign(
  async (question = "", options: InputOptions = {}) => {
    const own = find();
    if (own) return await own(question, options);
    const answer = await readAnswer(question, false);
    if (answer !== undefined) return answer === "" ? (options.default ?? "") : answer;
    if (options.default === undefined) throw noInput(question);
    process.stdout.write(`${question}${options.default} (the default: nobody can answer here)\n`);
    return options.default;
  },
  {
    password: async (question = "Password: ") => {
      const own = find();
      if (own) return await own.password(question);
      const answer = await readAnswer(question, true);
      if (answer === undefined) throw noInput(question);
      return answer;
    },
  },
);

function noInput(question: string): NoInput {
  const mend =
    'run it in a terminal, pipe an answer in, or give a default, as in `input("Name? ", { default: "Ada" })`';
  return new NoInput(`nobody can answer ${JSON.stringify(question)}: the input has ended. To mend it, ${mend}`);
}

// What was piped in, line by line; one reader for all questions, since it reads ahead.
let lines: AsyncIterator<string> | undefined;

/** Reads a line; undefined at the input's end. */
async function readAnswer(question: string, hidden: boolean): Promise<string | undefined> {
  if (process.stdin.isTTY) return await askTerminal(question, hidden);
  // Loaded with the first question: the start of a kernel counts.
  const { createInterface } = await import("node:readline");
  lines ??= createInterface({ input: process.stdin })[Symbol.asyncIterator]();
  const { value, done } = await lines.next();
  if (done === true) return undefined;
  process.stdout.write(`${question}${hidden ? "" : value}\n`);
  return value;
}

async function askTerminal(question: string, hidden: boolean): Promise<string | undefined> {
  const { createInterface } = await import("node:readline");
  // Only the first write, that of the question, is shown while a password is typed.
  const terminal = createInterface({ input: process.stdin, output: process.stdout, terminal: true });
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  terminal.once("close", () => resolve(undefined));
  terminal.question(question, resolve);
  if (hidden) Object.assign(terminal, { _writeToOutput: () => {} });
  const answer = await promise;
  terminal.close();
  if (hidden) process.stdout.write("\n");
  return answer;
}
