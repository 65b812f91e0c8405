import { syncBuiltinESMExports } from "node:module";
import { takeOverChildOutput } from "./child-output.ts";
import { keepListenersInTheirCells } from "./listeners.ts";
import { takeOverRawWrites } from "./raw-writes.ts";
import { takeOverStreams } from "./streams.ts";
import { takeOverWorkers } from "./worker-output.ts";

/** Makes all output of this process belong to the cell that sets it off. Called once, before anything of the user's. */
export function takeOverOutput(colors: boolean): void {
  takeOverStreams(colors);
  takeOverRawWrites();
  takeOverChildOutput();
  takeOverWorkers(colors);
  keepListenersInTheirCells();
  syncBuiltinESMExports(); // for `import { writeSync } from "node:fs"`
}
