// How much the property tests try. `npm run fuzz` runs this file, which runs them with fifty times as many cases.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import * as fc from "fast-check";

const factor = Number(process.env["TYPHOON_FUZZ"] ?? 1);

/** The options of a property test that usually tries `cases`, within the time that a test has. */
export function cases(usual: number): { numRuns: number } {
  return { numRuns: usual * factor };
}

/** The time limit of such a test. */
export const fuzzTimeoutMs: number = 20_000 * factor;

/** Characters of every kind that matters, for `fc.string({ unit })`; fast-check's own units take a second to make. */
export const unit: fc.Arbitrary<string> = fc.constantFrom(
  ..."aZ_$09 \t\n\r\0\u001B\u007F\u00A0é名ß\u0301\u200D\u2028\uFEFF\uFFFF.,;:!?%=+-*/\\|&<>()[]{}'\"`#@^~",
  "🫐",
  "𝒳",
  "\u{10FFFF}",
  "👩‍💻",
);

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const vitest = fileURLToPath(new URL("../node_modules/vitest/vitest.mjs", import.meta.url));
  const env = { TYPHOON_FUZZ: "50", ...process.env };
  const args = [vitest, "run", "--project", "unit", "-t", "^any ", ...process.argv.slice(2)];
  process.exitCode = spawnSync(process.execPath, args, { stdio: "inherit", env }).status ?? 1;
}
