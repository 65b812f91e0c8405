import { stripVTControlCharacters } from "node:util";

/** Leaves out what a carriage return has brought later text over, as a terminal shows it: a progress bar's old states. */
export function withoutOverwritten(text: string): string {
  return text.includes("\r") ? text.split("\n").map(lastStates).join("\n") : text;
}

/** Of the texts that begin at a line's start, those that some later one does not cover whole. */
function lastStates(line: string, index: number): string {
  const at = line.indexOf("\r");
  if (at === -1 || at === line.length - 1) return line; // at the end it may belong to the line feed
  let covered = 0;
  const states = line.split("\r");
  const kept = states.toReversed().filter((state, fromEnd) => {
    // The first of all may go on with a line whose beginning is not here.
    const isFirst = index === 0 && fromEnd === states.length - 1;
    const length = stripVTControlCharacters(state).length;
    if (fromEnd > 0 && !isFirst && length <= covered && endsPlain(state)) return false;
    covered = Math.max(covered, length);
    return true;
  });
  return kept.toReversed().join("\r");
}

const reset = /\u001B\[(?:0|2\d|39|49)?m[^\u001B]*$/;

/** Whether a text leaves no colour behind for what follows. */
function endsPlain(text: string): boolean {
  return !text.includes("\u001B") || reset.test(text);
}
