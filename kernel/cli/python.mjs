// Part of the set-up: built-ins and plain JavaScript only.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { SetupError } from "./step.mjs";

const windows = process.platform === "win32";
const probe = "import sys, venv, ensurepip; print(*sys.version_info[:2])";
const oldestMinor = 9;

/**
 * Finds a Python 3.9 or newer that can make virtual environments; PYTHON names one to use instead.
 * @returns {{ command: string, args: string[] }}
 */
export function findPython(env = process.env) {
  const candidates = env.PYTHON ? [[env.PYTHON]] : [["python3"], ["python"], ...(windows ? [["py", "-3"]] : [])];
  const seen = [];
  for (const [command, ...args] of candidates) {
    const { status, stdout, stderr, error } = spawnSync(command, [...args, "-c", probe], { encoding: "utf8", env });
    const [major, minor] = String(stdout).trim().split(" ").map(Number);
    if (status === 0 && major === 3 && minor >= oldestMinor) return { command, args };
    seen.push(`  ${[command, ...args].join(" ")}: ${whyNot({ status, stdout, stderr, error })}`);
  }
  throw new SetupError(
    `Typhoon's set-up needs Python 3.${oldestMinor} or newer with its venv module. Tried:\n${seen.join("\n")}\n${install()}`,
  );
}

function whyNot({ status, stdout, stderr, error }) {
  if (error) return error.code === "ENOENT" ? "not found" : error.message;
  if (status === 0) return `is Python ${stdout.trim().replace(" ", ".")}, too old`;
  const missing = /No module named '?(\w+)/.exec(stderr);
  return missing ? `has no module ${missing[1]}` : `failed: ${stderr.trim().split("\n").at(-1)}`;
}

function install() {
  const next = "then run the command again (or name another Python: PYTHON=/path/to/python3 npm start)";
  if (windows) return `Install Python from python.org or the Microsoft Store, ${next}.`;
  if (process.platform === "darwin") return `Install it with \`brew install python\` or from python.org, ${next}.`;
  return `Install it, on Debian and Ubuntu with \`sudo apt install python3 python3-venv\`, ${next}.`;
}

/** Path of a program of a virtual environment. */
export function venvProgram(venv, name) {
  return windows ? join(venv, "Scripts", `${name}.exe`) : join(venv, "bin", name);
}
