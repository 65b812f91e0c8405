// Part of the set-up: runs on Node 18 and newer before anything is installed, so built-ins and plain JavaScript only.
import { spawn } from "node:child_process";
import { performance } from "node:perf_hooks";

const headLines = 10;
const tailLines = 20;

/** An end of the set-up that the reader can mend: `message` says what went wrong and what to do next. */
export class SetupError extends Error {
  name = "SetupError";
}

/**
 * Runs a program quietly and returns what it printed. If it fails, throws a SetupError with both ends of that and `advice`.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ cwd?: string, advice?: string, env?: NodeJS.ProcessEnv, shell?: boolean }} [options]
 * @returns {Promise<string>}
 */
export function run(command, args, { advice = "", ...options } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { ...options, stdio: ["ignore", "pipe", "pipe"] });
    let printed = "";
    const take = (chunk) => (printed += chunk);
    child.stdout.setEncoding("utf8").on("data", take);
    child.stderr.setEncoding("utf8").on("data", take);
    child.once("error", (error) => reject(new SetupError(`could not start ${command}: ${error.message}\n${advice}`)));
    child.once("close", (code, signal) => {
      if (code === 0) return resolve(printed);
      const end = signal === null ? `ended with code ${code}` : `was ended by ${signal}`;
      reject(new SetupError(`${shorten(printed)}\n\n${[command, ...args].join(" ")} ${end}\n${advice}`.trim()));
    });
  });
}

/** Leaves out the middle of a long text: a program says what went wrong at its beginning or at its end. */
function shorten(text) {
  const lines = text.trimEnd().split("\n");
  if (lines.length <= headLines + tailLines) return lines.join("\n");
  return [...lines.slice(0, headLines), "…", ...lines.slice(-tailLines)].join("\n");
}

/**
 * Prints what is being done and, at its end, how long it took.
 * @template T
 * @param {string} title
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function step(title, work) {
  const startMs = performance.now();
  // On a terminal the line stands while the work goes on; a log gets whole lines.
  if (process.stdout.isTTY) process.stdout.write(`${title} …`);
  const result = await work();
  const line = `${title}: ${((performance.now() - startMs) / 1000).toFixed(1)} s\n`;
  process.stdout.write(process.stdout.isTTY ? `\r\u001b[K${line}` : line);
  return result;
}

/**
 * Runs a script's main function; a SetupError is shown without a stack, and every failure ends with exit code 1.
 * @param {() => Promise<number | void>} main
 */
export async function runMain(main) {
  try {
    process.exitCode = (await main()) ?? 0;
  } catch (error) {
    if (process.stdout.isTTY) process.stdout.write("\n");
    console.error(error instanceof SetupError ? `\n✗ ${error.message}` : error);
    process.exitCode = 1;
  }
}
