import { keepStack } from "./raw-stack.ts";
import type { SourceFinder } from "./source-position.ts";
import { framesOf } from "./trace.ts";

/**
 * Makes `error.stack` speak of `In[3]:2:14` and of the user's files, in `console.error(error)`, `console.trace()` and
 * wherever else a cell shows an error by itself; our frames and Node's are left out.
 */
export function installStackFormat(finder: SourceFinder): void {
  Error.prepareStackTrace = (error, sites) => {
    const head = headOf(error);
    const raw = [head, ...sites.map((site) => `    at ${(site as { toString(): string }).toString()}`)].join("\n");
    const frames = framesOf(raw, finder);
    // An error of our own code alone keeps its frames: it is a bug to be found.
    const shown = frames.length === 0 ? raw : [head, ...frames.map((frame) => `    ${frame}`)].join("\n");
    keepStack(error, { raw, shown });
    return shown;
  };
}

function headOf(error: unknown): string {
  try {
    return String(error);
  } catch {
    return "Error";
  }
}
