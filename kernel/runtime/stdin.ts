import process from "node:process";
import { type BlockingAnswer, answerStates, awaitAnswer, createBlockingAnswer } from "./blocking-answer.ts";
import { type RunningCell, cellStorage, wait } from "./interrupts.ts";
import { outputCell } from "./streams.ts";
import { send } from "./wire.ts";

/** Thrown where a cell asks for input and its front end cannot answer. */
class StdinNotAllowed extends Error {
  override readonly name = "StdinNotAllowed";
  constructor(cell?: RunningCell) {
    super(
      cell?.isHandler
        ? "a handler of a comm cannot ask for input: ask in a cell, or in the widget itself"
        : "this front end gives cells no input (nbconvert, papermill): " +
            'give a default, as in `await input("Name? ", { default: "Ada" })`',
    );
  }
}

/** Options of `input`. */
export interface InputOptions {
  /** The answer where nobody can give one; a line says that it was taken. Also the answer of an empty line. */
  readonly default?: string;
}

type Input = {
  (prompt?: string, options?: InputOptions): Promise<string>;
  /** Asks without showing what is typed. */
  password(prompt?: string): Promise<string>;
};

const pending = new Map<number, { resolve: (value: string) => void; reject: (reason: unknown) => void }>();
let lastId = 0;

/** Asks the person for a line of text: `await input("Name? ")`. Rejects with `StdinNotAllowed` where nobody can answer. */
export const input: Input = Object.assign(
  async (question = "", options: InputOptions = {}) => {
    const cell = askingCell();
    if (!cell.allowStdin && options.default !== undefined) {
      return takeDefault(question, options.default);
    }
    const answer = await ask(cell, question, false);
    return answer === "" ? (options.default ?? "") : answer;
  },
  { password: async (question = "Password: ") => ask(askingCell(), question, true) },
);

function takeDefault(question: string, answer: string): string {
  process.stdout.write(`${question}${answer} (the default: nobody can answer here)\n`);
  return answer;
}

function askingCell(): RunningCell {
  const cell = cellStorage.getStore() ?? outputCell();
  if (cell === undefined) throw new StdinNotAllowed();
  return cell;
}

async function ask(cell: RunningCell, question: string, password: boolean): Promise<string> {
  if (!cell.allowStdin) throw new StdinNotAllowed(cell);
  const id = (lastId += 1);
  const answer = new Promise<string>((resolve, reject) => pending.set(id, { resolve, reject }));
  send({ type: "input", cell: cell.id, id, prompt: question, password, blocking: false });
  try {
    return (await wait(answer)) as string;
  } finally {
    pending.delete(id);
  }
}

/** Hands over the answer to question `id`; no value means that the front end went away. */
export function answerInput(id: number, value: string | undefined): void {
  if (value === undefined) pending.get(id)?.reject(new StdinNotAllowed());
  else pending.get(id)?.resolve(value);
}

/** Shared with the inspector thread, which answers while the main thread is blocked. */
export const blockingAnswer: BlockingAnswer = createBlockingAnswer();

function askBlocking(message: string): string {
  const cell = askingCell();
  if (!cell.allowStdin) throw new StdinNotAllowed(cell);
  Atomics.store(blockingAnswer.state, 0, answerStates.waiting);
  send({ type: "input", cell: cell.id, id: 0, prompt: message, password: false, blocking: true });
  const answer = awaitAnswer(blockingAnswer);
  if (answer === undefined) throw new StdinNotAllowed();
  return answer;
}

/** The browser's `prompt`: blocks until the person has answered. Where nobody can, takes `initial` or throws. */
export function prompt(message = "", initial?: string): string {
  if (!askingCell().allowStdin && initial !== undefined) return takeDefault(`${message} `, initial);
  const answer = askBlocking(message === "" ? "" : `${message} `);
  return answer === "" ? (initial ?? "") : answer;
}

/** The browser's `confirm`: blocks until the person has answered yes or no. Throws where nobody can. */
export function confirm(message = ""): boolean {
  return /^\s*y(es)?\s*$/i.test(askBlocking(`${message} [y/N] `));
}

/** The browser's `alert`: shows a message and waits until the person has pressed Enter. */
export function alert(message = ""): void {
  if (askingCell().allowStdin) askBlocking(`${message} [Enter] `);
  else process.stdout.write(`${message}\n`);
}
