// `npm start`: sets up, runs the first chapter as a check, opens JupyterLab; with `--execute FILE…`, runs notebooks headless.
// Built-ins and plain JavaScript only, as it runs on Node 18 and newer.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { venvProgram } from "./python.mjs";
import { root, setup, venv } from "./setup.mjs";
import { SetupError, runMain } from "./step.mjs";

const firstChapter = join(root, "notebooks", "00-first-cells.ipynb");

async function main() {
  const args = process.argv.slice(2);
  const files = args[0] === "--execute" ? args.slice(1) : [];
  if (args[0] === "--execute" && files.length === 0) {
    throw new SetupError("name the notebooks to run: npm start -- --execute notebooks/00-first-cells.ipynb");
  }
  await setup();
  if (files.length > 0) return execute(files);
  if (existsSync(firstChapter) && (await execute([firstChapter])) !== 0) {
    console.log("The first chapter failed; JupyterLab opens all the same. To find out why: npm run typhoon doctor");
  }
  return python(["-m", "jupyterlab", ...labOptions(), ...args]);
}

/** Runs notebooks; npm runs scripts in the clone's folder, so paths are taken from where the person was. */
function execute(files) {
  const from = process.env.INIT_CWD ?? process.cwd();
  const paths = files.map((file) => resolve(from, file));
  return python([join(root, "kernel/cli/execute.py"), "--out", join(root, "out"), ...paths]);
}

function labOptions() {
  // `-y`: Ctrl+C stops the server at once instead of asking. A container's root needs to be told that it may.
  const asRoot = process.getuid?.() === 0 ? ["--allow-root"] : [];
  return ["-y", "--notebook-dir", join(root, "notebooks"), "--ip", "127.0.0.1", ...asRoot];
}

/** Runs a program of .venv in the foreground and returns its exit code. */
async function python(args) {
  // A `typhoon` kernelspec of the person's own must not win over the clone's.
  const env = { ...process.env, JUPYTER_PREFER_ENV_PATH: "1" };
  const child = spawn(venvProgram(venv, "python"), args, { stdio: "inherit", cwd: root, env });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
    // Ctrl+C on a terminal reaches the child by itself; this process only has to outlive it.
    process.on(signal, () => (signal === "SIGINT" && process.stdin.isTTY ? undefined : child.kill(signal)));
  }
  const [code] = await once(child, "exit");
  return code ?? 1;
}

await runMain(main);
