import { type ExecFileSyncOptionsWithStringEncoding, execFileSync } from "node:child_process";
import { homedir } from "node:os";
import { delimiter, posix, win32 } from "node:path";
import { CommandError } from "./command.ts";

/** What the folders of Jupyter depend on. */
export interface Place {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly platform: NodeJS.Platform;
  readonly home: string;
}

/** The place where this process runs. */
export function here(): Place {
  return { env: process.env, platform: process.platform, home: homedir() };
}

function pathOf({ platform }: Place): typeof posix {
  return platform === "win32" ? win32 : posix;
}

/** Returns the folder of the person's own Jupyter data, as jupyter_core finds it. */
export function userDataDir(place: Place): string {
  const { env, platform, home } = place;
  const path = pathOf(place);
  if (env["JUPYTER_DATA_DIR"]) return env["JUPYTER_DATA_DIR"];
  if (platform === "darwin") return path.join(home, "Library", "Jupyter");
  if (platform === "win32") {
    return env["APPDATA"] ? path.join(env["APPDATA"], "jupyter") : path.join(home, ".jupyter", "data");
  }
  return path.join(env["XDG_DATA_HOME"] || path.join(home, ".local", "share"), "jupyter");
}

/** Returns the Jupyter data folder below the prefix of a Python environment. */
export function prefixDataDir(prefix: string, place: Place): string {
  return pathOf(place).join(prefix, "share", "jupyter");
}

/** Returns the prefix of the active Python environment, or else that of the Python on PATH. */
export function sysPrefix(env: Place["env"]): string {
  const active = env["VIRTUAL_ENV"] || env["CONDA_PREFIX"];
  if (active) return active;
  for (const python of ["python3", "python"]) {
    try {
      const options = {
        encoding: "utf8",
        env: { ...env },
        stdio: ["ignore", "pipe", "ignore"],
      } satisfies ExecFileSyncOptionsWithStringEncoding;
      return execFileSync(python, ["-c", "import sys; print(sys.prefix)"], options).trim();
    } catch {
      // This name is not on PATH; the next one may be.
    }
  }
  throw new CommandError("no Python environment found: activate one, or name its folder with --prefix DIR");
}

function systemDataDirs(place: Place): string[] {
  if (place.platform === "win32") {
    return place.env["PROGRAMDATA"] ? [win32.join(place.env["PROGRAMDATA"], "jupyter")] : [];
  }
  return ["/usr/local/share/jupyter", "/usr/share/jupyter"];
}

/** Lists the folders in which Jupyter looks for kernelspecs, best first; `prefix` is its Python environment's, if any. */
export function dataDirs(place: Place, prefix: string | undefined): string[] {
  const { env } = place;
  const own = userDataDir(place);
  const environment = prefix === undefined ? [] : [prefixDataDir(prefix, place)];
  const inVirtualEnv = prefix !== undefined && (prefix === env["VIRTUAL_ENV"] || prefix === env["CONDA_PREFIX"]);
  // Inside a virtual environment jupyter_core looks there first, unless the variable says otherwise.
  const setting = env["JUPYTER_PREFER_ENV_PATH"]?.toLowerCase();
  const preferEnvironment =
    setting === undefined ? inVirtualEnv : !["no", "n", "false", "off", "0", "0.0"].includes(setting);
  const extra = (env["JUPYTER_PATH"] ?? "").split(delimiter).filter((dir) => dir !== "");
  const pair = preferEnvironment ? [...environment, own] : [own, ...environment];
  return [...new Set([...extra, ...pair, ...systemDataDirs(place)])];
}
