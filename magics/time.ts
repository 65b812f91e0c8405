import { parseArguments, usageError } from "./arguments.ts";
import { untilAborted } from "./abort.ts";
import { formatDuration } from "./duration.ts";
import type { Magic } from "./magic.ts";

/** `%time` runs code once, prints how long it took and returns its value. */
export const time: Magic = {
  name: "time",
  summary: "%time CODE  run code (%%time the cell) and print the time it took",
  line: "code",
  cell: "code",
  help: `\`%time\` times a statement, \`%%time\` the cell. The names it declares and its value are kept.

\`\`\`ts
%time const pages = await Promise.all(urls.map(load))
const total = %time sum(values)
\`\`\`

CPU time above the wall time means that several threads worked. Programs that the code starts are not counted in it.`,
  async run(call, { output, signal }) {
    parseArguments(time, call.line, {});
    if (!call.code || call.source?.trim() === "") throw usageError(time, "there is no code to time");
    const cpuBefore = process.cpuUsage();
    const start = performance.now();
    try {
      return await untilAborted(signal, call.code());
    } finally {
      const wall = (performance.now() - start) / 1e3;
      const { user, system } = process.cpuUsage(cpuBefore);
      const [inUser, inSystem, cpu] = [user, system, user + system].map((micros) => formatDuration(micros / 1e6));
      output.stream(
        "stdout",
        `CPU time:  ${cpu} (user ${inUser}, system ${inSystem})\nWall time: ${formatDuration(wall)}\n`,
      );
    }
  },
};
