import type { Problem } from "../language/problems.ts";
import type { ErrorContent } from "../protocol/contents.ts";
import type { Header } from "../protocol/message.ts";
import type { Publish } from "./executor.ts";
import type { NotebookTypes, TypedRun } from "./notebook-types.ts";
import type { Shell } from "./shells.ts";

/** A cell whose types are to be checked. */
export interface CellToCheck {
  readonly typed: TypedRun;
  readonly code: string;
  readonly name: string;
  readonly header: Header;
  /** Its client cannot be asked for input, as nbclient: it is a program, which takes no output once the cell is idle. */
  readonly isProgram: boolean;
}

/** Shows what is wrong with the types of cells. */
export interface CellChecks {
  /** Shows a cell's problems under it once they are known; the cell runs meanwhile. */
  warn(cell: CellToCheck): void;
  /** Says why a cell is not to run; undefined where its types are right or cannot be checked. */
  refuse(cell: CellToCheck): Promise<ErrorContent | undefined>;
  /** Resolves when a cell that has run may be idle; at once for a person, or where the next cell waits. */
  told(header: Header, shell: Shell): Promise<void>;
  /** Ends what waits for problems. */
  interrupt(): void;
  /** Tells the user what is wrong with the checking itself. */
  note(text: string, header: Header | undefined): void;
}

// nbclient gives up after four seconds. A server that starts takes one at most, where the machine is not busy.
const longestWarningMs = 2_000;
// Until one that was too slow answers again.
const nextWarningMs = 200;

/** Creates the checks of a session's cells. */
export function createCellChecks(types: NotebookTypes, publish: Publish, log: (line: string) => void): CellChecks {
  let lastFailure = "";
  let isLate = false;
  const stops = new Set<() => void>();
  /** Problems on their way to programs. */
  const awaited = new WeakMap<Header, Promise<void>>();

  function note(text: string, header: Header | undefined): void {
    log(text);
    publish("stream", { name: "stderr", text: `typhoon: ${text}\n` }, header);
  }

  async function show(problems: readonly Problem[], { code, name, header }: CellToCheck): Promise<void> {
    if (problems.length === 0) return;
    const { reportProblems } = await import("../language/report.ts");
    publish("display_data", { data: reportProblems(problems, code, name), metadata: {} }, header);
  }

  async function showLater(cell: CellToCheck): Promise<void> {
    try {
      const problems = await cell.typed.problems;
      isLate = false;
      await show(problems, cell);
      lastFailure = "";
    } catch (error) {
      const failure = reasonOf(error);
      if (failure !== lastFailure) note(`cells are not checked: ${failure}.`, cell.header);
      lastFailure = failure;
    }
  }

  /** What is awaited, or undefined at an interrupt. */
  async function untilInterrupt<T>(awaitedNow: Promise<T>): Promise<T | undefined> {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const stop = (): void => resolve(undefined);
    stops.add(stop);
    try {
      return await Promise.race([awaitedNow, promise]);
    } finally {
      stops.delete(stop);
    }
  }

  function stopCell({ typed, header }: CellToCheck, content: ErrorContent): ErrorContent {
    typed.end({ outcome: "refused", cleared: false, declared: [] });
    publish("error", content, header);
    return content;
  }

  return {
    note,
    warn(cell) {
      const shown = showLater(cell);
      if (!cell.isProgram) return;
      awaited.set(cell.header, shown);
      types.start();
    },
    async refuse(cell) {
      types.start();
      let problems: readonly Problem[] | undefined;
      try {
        problems = await untilInterrupt(cell.typed.problems);
      } catch (error) {
        note(`the types of this cell could not be checked: ${reasonOf(error)}. It runs unchecked.`, cell.header);
        return undefined;
      }
      if (!problems) {
        const evalue = "the cell was interrupted while its types were checked; it did not run";
        return stopCell(cell, { ename: "Interrupted", evalue, traceback: [`Interrupted: ${evalue}`] });
      }
      const errors = problems.filter(({ severity }) => severity === "error");
      if (errors.length === 0) {
        await show(problems, cell);
        return undefined;
      }
      const { problemsTraceback } = await import("../language/report.ts");
      const errorCount = errors.length === 1 ? "1 type error" : `${errors.length} type errors`;
      const evalue = `${errorCount}; the cell did not run. \`%typecheck warn\` lets such cells run`;
      const traceback = [...problemsTraceback(errors, cell.code, cell.name), `TypeCheckError: ${evalue}`];
      return stopCell(cell, { ename: "TypeCheckError", evalue, traceback });
    },
    async told(header, shell) {
      const shown = awaited.get(header);
      if (!shown) return;
      const late = Promise.withResolvers<"late">();
      const timer = setTimeout(() => late.resolve("late"), isLate ? nextWarningMs : longestWarningMs);
      const end = await untilInterrupt(Promise.race([shown, shell.queued(), late.promise]));
      clearTimeout(timer);
      if (end !== "late" || isLate) return;
      isLate = true;
      note(
        `the types of this cell are not checked after ${longestWarningMs / 1000} s: what is wrong with them may not be shown.`,
        header,
      );
    },
    interrupt() {
      for (const stop of stops) stop();
    },
  };
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
