// Sets up a clone: node_modules (with Node 24), .venv (with JupyterLab), the build, and the kernelspec inside .venv.
// It runs on Node 18 and newer before anything is installed, so built-ins and plain JavaScript only.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, readdirSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { findPython, venvProgram } from "./python.mjs";
import { SetupError, run, runMain, step } from "./step.mjs";

const windows = process.platform === "win32";
const oldestNode = 18;

/** The folder of the clone. */
export const root = fileURLToPath(new URL("../../", import.meta.url));
/** The virtual environment with JupyterLab, made by the set-up. */
export const venv = join(root, ".venv");
/** The Node 24 that the dev dependency `node` brings. */
export const node = join(root, "node_modules", "node", "bin", windows ? "node.exe" : "node");

/** Brings everything up to date; each part that already is costs milliseconds. */
export async function setup() {
  if (Number(process.versions.node.split(".")[0]) < oldestNode) {
    throw new SetupError(`Node ${oldestNode} or newer is needed, this is ${process.version}: install a newer Node.js.`);
  }
  await installPackages();
  await installPython();
  const built = await run(node, [join(root, "kernel/cli/build.ts")], { cwd: root });
  if (built !== "") process.stdout.write(built);
  await installKernelspec();
}

async function installPackages() {
  const modules = join(root, "node_modules");
  const stamp = createStamp(join(modules, ".typhoon"), [join(root, "package-lock.json")]);
  if (stamp.fresh() && existsSync(node)) return;
  // Not `npm ci`: it begins by removing node_modules, which Windows refuses while a Node from there is running this; and it
  // refuses a lock file that lacks a binary for another platform which the registry did not have when the file was written.
  const args = ["install", "--no-save", "--no-audit", "--no-fund", "--no-progress"];
  await step("node_modules, with Node 24 (npm install)", () => npm(args));
  if (!existsSync(node)) {
    const advice = "run `npm install --ignore-scripts=false`: its install script puts Node 24 there";
    throw new SetupError(`${node} is missing: ${advice}.`);
  }
  stamp.write();
}

/** Runs npm with the machine's own Node, since the one in node_modules may be what is being replaced. */
function npm(args) {
  const modules = join(root, "node_modules") + sep;
  const path = (process.env.PATH ?? "").split(delimiter).filter((entry) => !entry.startsWith(modules));
  const env = { ...process.env, PATH: path.join(delimiter) };
  const advice = "Is there a network, and a registry that npm reaches (`npm ping`)? Then run the command again.";
  const { npm_execpath: script, npm_node_execpath: program } = process.env;
  // Windows finds npm.cmd only through a shell; npm itself tells its scripts where it is.
  if (script?.endsWith("npm-cli.js") && program) return run(program, [script, ...args], { cwd: root, env, advice });
  return run("npm", args, { cwd: root, env, advice, shell: windows });
}

async function installPython() {
  const requirements = join(root, "kernel/cli/requirements.txt");
  const stamp = createStamp(join(venv, ".typhoon"), [requirements, ...pythonPackage()], venv);
  const python = venvProgram(venv, "python");
  if (stamp.fresh() && existsSync(python)) return;
  await step(".venv (JupyterLab, nbconvert)", async () => {
    if (!isWhole(python)) {
      const { command, args } = findPython();
      rmSync(venv, { recursive: true, force: true });
      await run(command, [...args, "-m", "venv", venv], {
        advice: "On Debian and Ubuntu: `sudo apt install python3-venv`; then run the command again.",
      });
    }
    // JupyterLab runs a CommonJS script from there, which the clone's `"type": "module"` must not reach.
    writeFileSync(join(venv, "package.json"), "{}\n");
    await pipInstall(python, ["-r", requirements]);
    // By force: its version stays the same while its files change.
    await pipInstall(python, ["--force-reinstall", "--no-deps", join(root, "python")]);
    writeLabSettings();
  });
  stamp.write();
}

function pipInstall(python, args) {
  return run(python, ["-m", "pip", "install", "--disable-pip-version-check", "--quiet", ...args], {
    advice: "Is there a network, and an index that pip reaches? Then run the command again.",
  });
}

/** The files that make the Python package in python/. */
function pythonPackage() {
  const sources = join(root, "python", "src", "typhoon_papermill");
  const modules = readdirSync(sources).filter((name) => name.endsWith(".py"));
  return [join(root, "python", "pyproject.toml"), ...modules.map((name) => join(sources, name))];
}

/** Tells whether .venv has its programs, and stands where it was made: they name it by its absolute path. */
function isWhole(python) {
  const pip = venvProgram(venv, "pip");
  return existsSync(python) && existsSync(pip) && (windows || readFileSync(pip, "utf8").includes(venv));
}

// JupyterLab asks every new user over the notebook whether it may fetch news, and asks the net for updates.
const labSettings = { "@jupyterlab/apputils-extension:notification": { fetchNews: "false", checkForUpdates: false } };

function writeLabSettings() {
  const folder = join(venv, "share/jupyter/lab/settings");
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "overrides.json"), JSON.stringify(labSettings, undefined, 2));
}

async function installKernelspec() {
  const sources = ["kernel.json", "kernel/cli/kernelspec.ts", "kernel/cli/install.ts"].map((file) => join(root, file));
  const stamp = createStamp(join(venv, "share/jupyter/kernels/typhoon/.typhoon"), sources, node);
  if (stamp.fresh()) return;
  await step("kernelspec in .venv", () =>
    run(node, [join(root, "dist/kernel/cli/typhoon.js"), "install", "--prefix", venv], { cwd: root }),
  );
  stamp.write();
}

/** Remembers in `path` the hash of files (and of a text), so that a second run knows that there is nothing to do. */
function createStamp(path, files, text = "") {
  const hash = createHash("sha256").update(text);
  for (const file of files) hash.update(readFileSync(file));
  const digest = hash.digest("hex");
  return {
    fresh: () => existsSync(path) && readFileSync(path, "utf8") === digest,
    write() {
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, digest);
    },
  };
}

if (realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) await runMain(setup);
