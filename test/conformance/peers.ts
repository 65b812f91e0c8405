import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { delimiter, join, resolve } from "node:path";
import { type Dialect, dialects } from "./dialects.ts";
import type { Subject } from "./kernel.ts";

const peersFolder = resolve("out/peers");
const venv = resolve(".venv");
const xeus = join(peersFolder, "xeus-python");
const jupyterFolder = (home: string): string => join(home, "share", "jupyter", "kernels");

interface Peer {
  readonly name: string;
  /** Its kernelspec, as its own installer wrote it. */
  readonly kernelspec: string;
  /** Where its programs are. */
  readonly bin: string;
  readonly dialect: Dialect;
  version(): string;
}

const npmVersion = (folder: string): string =>
  (JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as { version: string }).version;
const peerVersion = (name: string) => () => npmVersion(join(peersFolder, "lib", "node_modules", name));
const pythonVersion = (folder: string, name: string) => () =>
  execFileSync(join(folder, "bin", "python"), ["-c", `import importlib.metadata as m; print(m.version("${name}"))`], {
    encoding: "utf8",
  }).trim();

const local = jupyterFolder(join(peersFolder, ".local"));
const peerBin = join(peersFolder, "bin");
const venvBin = join(venv, "bin");

const peers: readonly Peer[] = [
  {
    name: "Typhoon",
    kernelspec: join(jupyterFolder(venv), "typhoon"),
    bin: venvBin,
    dialect: dialects.typhoon,
    version: () => npmVersion("."),
  },
  {
    name: "ipykernel",
    kernelspec: join(jupyterFolder(venv), "python3"),
    bin: venvBin,
    dialect: dialects.python,
    version: pythonVersion(venv, "ipykernel"),
  },
  {
    name: "deno",
    kernelspec: join(local, "deno"),
    bin: peerBin,
    dialect: dialects.deno,
    version: peerVersion("deno"),
  },
  {
    name: "tslab",
    kernelspec: join(local, "tslab"),
    bin: peerBin,
    dialect: dialects.tslab,
    version: peerVersion("tslab"),
  },
  {
    name: "ijavascript",
    kernelspec: join(local, "javascript"),
    bin: peerBin,
    dialect: dialects.ijavascript,
    version: peerVersion("ijavascript"),
  },
  {
    name: "xeus-python",
    kernelspec: join(jupyterFolder(xeus), "xpython"),
    bin: join(xeus, "bin"),
    dialect: dialects.python,
    version: pythonVersion(xeus, "xeus-python"),
  },
];

/** Names of the kernels that can be measured, installed or not. */
export const peerNames: readonly string[] = peers.map(({ name }) => name);

/** PATH with a folder in front, and with the machine's own Node: some peers have binaries that fit only this one. */
function pathWith(bin: string): string {
  const own = (process.env["PATH"] ?? "").split(delimiter).filter((folder) => !folder.includes("node_modules"));
  return [bin, ...own].join(delimiter);
}

/** Lists the kernels that are installed. */
export function installedKernels(): Subject[] {
  return peers.flatMap(({ name, kernelspec, bin, dialect, version }) => {
    const file = join(kernelspec, "kernel.json");
    if (!existsSync(file)) return [];
    const spec = JSON.parse(readFileSync(file, "utf8")) as Subject["spec"];
    return [{ name, version: version(), spec, dialect, env: { PATH: pathWith(bin) } }];
  });
}

/** Typhoon from its sources, with the kernelspec's template. */
export function typhoonFromSources(): Subject {
  const template = JSON.parse(readFileSync("kernel.json", "utf8")) as Subject["spec"];
  const spec = { ...template, argv: [process.execPath, resolve("kernel/main.ts"), "{connection_file}"] };
  return { name: "Typhoon", version: npmVersion("."), spec, dialect: dialects.typhoon };
}

/** Installs the peers into `out/peers`; returns those that could not be installed, with the reason. */
export function installPeers(): string[] {
  mkdirSync(peersFolder, { recursive: true });
  const { XDG_DATA_HOME: _xdg, JUPYTER_DATA_DIR: _data, ...rest } = process.env;
  // Their installers write kernelspecs below the home folder.
  const env = { ...rest, HOME: peersFolder, PATH: pathWith(`${peerBin}${delimiter}${venvBin}`) };
  const run = (program: string, args: readonly string[], more: NodeJS.ProcessEnv = {}): void =>
    void execFileSync(program, args, { env: { ...env, ...more }, stdio: ["ignore", "ignore", "pipe"] });
  const npm = (name: string, more: NodeJS.ProcessEnv = {}): void => {
    const own = { HOME: process.env["HOME"], ...more }; // npm's caches, and the headers that node-gyp has loaded before
    run("npm", ["install", "--silent", "--global", "--prefix", peersFolder, name], own);
  };
  const installers: Record<string, () => void> = {
    deno() {
      npm("deno");
      run("deno", ["jupyter", "--install"]);
    },
    tslab() {
      npm("tslab");
      run("tslab", ["install", "--user"]);
    },
    ijavascript() {
      npm("ijavascript", { npm_config_zmq_external: "true" }); // builds against the machine's libzmq
      run("ijsinstall", ["--install=local"]);
    },
    "xeus-python"() {
      run("python3", ["-m", "venv", xeus]);
      run(join(xeus, "bin", "pip"), ["install", "--quiet", "xeus-python"]);
    },
  };
  return Object.entries(installers).flatMap(([name, install]) => {
    try {
      install();
      return [];
    } catch (error) {
      return [`${name}: ${String(error).split("\n")[0]}`];
    }
  });
}
