import type { ErrorContent } from "../protocol/contents.ts";
import type { RuntimeEnd } from "./runtime-process.ts";

const lost = "The variables of this notebook are gone; a new runtime has started. Run the cells that made them again.";

/** Says in the reader's words why the runtime process ended under a cell. */
export function describeEnd({ exitCode, code, signal, fatal, damaged }: RuntimeEnd): ErrorContent {
  const isTooLarge = /invalid (?:\w+ )?(?:length|size)\b/.test(fatal);
  if (isTooLarge || /heap out of memory|Allocation failed/.test(fatal)) {
    const what = isTooLarge ? "one value was too large for V8" : "the heap of V8 was full";
    return toError("OutOfMemory", `${what}, which ends the process at once. Work on less at a time, or stream it.`);
  }
  if (damaged) {
    const what = "something wrote to file descriptor 3 or 5, by which the runtime speaks with the kernel";
    return toError("RuntimeKilled", `${what}, so that it could no longer be understood and was ended.`);
  }
  if (exitCode !== undefined) {
    return toError("RuntimeExited", `the cell ended the runtime by process.exit(${exitCode}).`);
  }
  if (signal === "SIGKILL") {
    return toError(
      "RuntimeKilled",
      "the runtime was ended from outside by SIGKILL. Most often the system does this when the machine or the container " +
        "has no memory left: work on less at a time, or set a lower limit, as by `%config memory = 2GB`, which ends a " +
        "cell before that and keeps the variables.",
    );
  }
  const firstLine = fatal.split("\n").find((line) => /error|assert/i.test(line) && !/Fatal error in\b/.test(line));
  const how = signal === null ? `with exit code ${String(code)}` : `by signal ${signal}`;
  return toError("RuntimeCrashed", `the runtime ended ${how}${firstLine ? `: ${firstLine.trim()}` : ""}.`);
}

/** Says under a cell that had no part in it that another's code has called `process.exit`. */
export function describeExitElsewhere(exitCode: number | undefined): ErrorContent {
  return toError(
    "RuntimeExited",
    `code of another cell, such as a timer, ended the runtime by process.exit(${exitCode ?? ""}), and this cell with it.`,
  );
}

/** Says that the runtime was ended because it did not react to two interrupts. */
export function describeKill(): ErrorContent {
  return toError("RuntimeKilled", "the runtime did not react to two interrupts and was ended.");
}

function toError(ename: string, what: string): ErrorContent {
  const evalue = `${what} ${lost}`;
  return { ename, evalue, traceback: [`\u001B[31m${ename}\u001B[39m: ${what}`, lost] };
}
