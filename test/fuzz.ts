// How much the property tests try. `npm run fuzz` runs this file, which runs them with fifty times as many cases.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const factor = Number(process.env["TYPHOON_FUZZ"] ?? 1);

/** The options of a property test that usually tries `cases`, within the time that a test has. */
export function cases(usual: number): { numRuns: number } {
  return { numRuns: usual * factor };
}

/** The time limit of such a test. */
export const fuzzTimeoutMs: number = 20_000 * factor;

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const vitest = fileURLToPath(new URL("../node_modules/vitest/vitest.mjs", import.meta.url));
  const env = { TYPHOON_FUZZ: "50", ...process.env };
  const args = [vitest, "run", "--project", "unit", "-t", "any ", ...process.argv.slice(2)];
  process.exitCode = spawnSync(process.execPath, args, { stdio: "inherit", env }).status ?? 1;
}
