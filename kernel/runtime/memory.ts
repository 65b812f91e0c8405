import v8 from "node:v8";
import vm from "node:vm";
import { formatBytes } from "../setting-kinds.ts";
import type { Settings } from "../settings.ts";
import { Interrupted } from "./interrupts.ts";
import type { MemoryShare } from "./memory-watch.ts";

/** Ends a cell when the notebook has used the memory that it may use. Its variables are kept. */
export class OutOfMemory extends Interrupted {
  override readonly name = "OutOfMemory";
  constructor(usedBytes: number, limitBytes: number) {
    super(
      `the notebook used ${formatBytes(usedBytes)} of memory, and may use ${formatBytes(limitBytes)}. Its variables are ` +
        "kept: free what you no longer need, as by `name = undefined`. Work on less at a time, or stream it; " +
        `\`%config memory = ${formatBytes(limitBytes * 2)}\` raises the limit`,
    );
  }
}

const collectSymbol = "typhoon.collect";

/** What the inspector thread gets to watch this process's memory; the limit follows the setting. */
export function shareMemoryLimit(settings: Settings): MemoryShare {
  const limit = new Float64Array(new SharedArrayBuffer(8));
  limit[0] = settings.get("memory");
  settings.onChange(() => {
    limit[0] = settings.get("memory");
  });
  Object.defineProperty(globalThis, Symbol.for(collectSymbol), { value: collectGarbage });
  return { limit, collect: `globalThis[Symbol.for("${collectSymbol}")]()` };
}

let collector: (() => void) | undefined;

/** Frees what nobody uses; takes as long as a collection of all that lives. */
export function collectGarbage(): void {
  collector ??= makeCollector();
  collector();
}

/** V8 gives its collector to a context that is made while the flag is set. */
function makeCollector(): () => void {
  v8.setFlagsFromString("--expose-gc");
  const collect = vm.runInNewContext("gc") as () => void;
  v8.setFlagsFromString("--no-expose-gc");
  return collect;
}
