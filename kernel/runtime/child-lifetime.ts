import type { ChildProcess } from "node:child_process";
import process from "node:process";
import { setTimeout as delay } from "node:timers/promises";
import { endingSignals, listDescendants, signal, signalMs } from "./children.ts";
import { createGroups } from "./groups.ts";
import { type RunningCell, cellStorage } from "./interrupts.ts";

// What a cell has started ends with an interrupt of that cell, as Ctrl+C in a terminal would end it; what code of an ended
// cell has started, or has a group of its own, lives on.

const started = createGroups();

/** Process ids of the children that run asynchronously, in memory that threads share; 0 where there is none. */
export const asyncChildren: Int32Array = started.leaders;

const childrenOf = new WeakMap<RunningCell, Set<number>>();

/** Notes a child that was started just now. */
export function noteChild(child: ChildProcess, detached: boolean): void {
  const { pid } = child;
  if (pid === undefined) return; // it could not be started
  started.note(pid, true);
  const cell = cellStorage.getStore();
  const own = cell && !cell.ended && !detached ? listOf(cell).add(pid) : undefined;
  child.prependOnceListener("exit", () => {
    started.note(pid, false);
    own?.delete(pid);
  });
}

function listOf(cell: RunningCell): Set<number> {
  const known = childrenOf.get(cell);
  if (known) return known;
  const created = new Set<number>();
  childrenOf.set(cell, created);
  cell.abort.signal.addEventListener("abort", () => void endAll([...created]), { once: true });
  return created;
}

/** Ends processes and those below them. */
async function endAll(roots: readonly number[]): Promise<void> {
  if (roots.length === 0) return;
  // Listed first: below a shell that has ended, nothing is found.
  let left = [...roots, ...roots.flatMap((pid) => listDescendants(pid).map((below) => below.pid))];
  for (const name of endingSignals) {
    for (const pid of left) signal(pid, name);
    await delay(signalMs, undefined, { ref: false });
    left = left.filter(isAlive);
    if (left.length === 0) return;
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
