import { syncBuiltinESMExports } from "node:module";
import { getEnvironmentData } from "node:worker_threads";
import { takeOverChildOutput } from "./child-output.ts";
import { inheritAs } from "./inherited-output.ts";
import { createRunningCell } from "./interrupts.ts";
import { takeOverRawWrites } from "./raw-writes.ts";
import { setLastCell, takeOverStreams } from "./streams.ts";
import { sendStreamsTo } from "./wire.ts";
import { type WorkerOutput, workerOutputKey } from "./worker-output.ts";

// Loaded first in each worker that a cell starts, and in the workers of that.

const output = getEnvironmentData(workerOutputKey) as unknown as WorkerOutput | undefined;
if (output) {
  sendStreamsTo(output);
  inheritAs(output);
  setLastCell(createRunningCell(output.cell, "a worker", false));
  takeOverStreams(output.colors, true);
  takeOverRawWrites();
  takeOverChildOutput();
  syncBuiltinESMExports();
}
