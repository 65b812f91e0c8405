import { execFile } from "node:child_process";
import { join } from "node:path";
import { ServerFailure } from "./failure.ts";
import { installFolder } from "./install.ts";
import type { Host } from "./recipe.ts";
import { runTool } from "./tool.ts";

const windows = process.platform === "win32";

/**
 * Installs a package of PyPI into a virtual environment of its own, and returns its Python. Run modules by that: the
 * environment is made elsewhere and moved, so the scripts in it name a Python that is gone.
 */
export async function installPython(name: string, version: string, label: string, host: Host): Promise<string> {
  const python = windows ? join("Scripts", "python.exe") : join("bin", "python");
  const { signal } = host;
  const folder = await installFolder(`${name}-${version}`, label, host, async (partial) => {
    const [command, ...args] = await findPython(signal);
    await runTool(command!, [...args, "-m", "venv", partial], { signal });
    const options = ["--disable-pip-version-check", "--quiet"];
    await runTool(join(partial, python), ["-m", "pip", "install", ...options, `${name}==${version}`], {
      signal,
      advice: "Is there a network, and an index that pip reaches?",
    });
  });
  return join(folder, python);
}

/** Finds a Python that can make virtual environments; PYTHON names one to use instead. */
async function findPython(signal: AbortSignal): Promise<readonly string[]> {
  const named = process.env["PYTHON"];
  const candidates = named ? [[named]] : [["python3"], ["python"], ...(windows ? [["py", "-3"]] : [])];
  for (const candidate of candidates) {
    const [command, ...args] = candidate;
    const fits = await new Promise((resolve) => {
      execFile(command!, [...args, "-c", "import venv, ensurepip"], { signal }, (error) => resolve(error === null));
    });
    signal.throwIfAborted();
    if (fits) return candidate;
  }
  const tried = candidates.map((words) => words.join(" ")).join(", ");
  throw new ServerFailure(
    `this server is a Python program, and no Python with its venv module was found (tried ${tried}): install one, on Debian and Ubuntu by \`sudo apt install python3-venv\`, or name it in PYTHON`,
  );
}
