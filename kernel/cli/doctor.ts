import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { styleText } from "node:util";
import { startKernel } from "./client.ts";
import type { Command } from "./command.ts";
import { dataDirs, here, sysPrefix } from "./jupyter-paths.ts";
import { type Kernelspec, createKernelspec } from "./kernelspec.ts";
import { findPackageRoot } from "./package-root.ts";
import { isFresh } from "./sources.ts";
import { nodeFlags } from "../session/node-flags.ts";

/** What a check found; `mend` is the line that puts a fault right. */
interface Finding {
  readonly text: string;
  readonly mend?: string;
}

type Check = () => Finding[] | Promise<Finding[]>;

/** `typhoon doctor` says what it checked, what is wrong and the line that mends it. */
export const doctor: Command = {
  name: "doctor",
  summary: "checks the installation and says what mends it",
  help: "Usage: typhoon doctor\n\nChecks Node, ZeroMQ, the build, kernelspecs and Jupyter, and runs 1+1 in a kernel. Exit code 1 if something is wrong.",
  async run() {
    let faults = 0;
    for (const check of [
      checkNode,
      checkFlags,
      checkZeroMQ,
      checkBuild,
      checkKernelspecs,
      checkJupyter,
      checkKernel,
    ] satisfies Check[]) {
      // eslint-disable-next-line no-await-in-loop
      for (const { text, mend } of await check()) {
        if (mend !== undefined) faults += 1;
        console.log(
          mend === undefined ? `${styleText("green", "✓")} ${text}` : `${styleText("red", "✗")} ${text}: ${mend}`,
        );
      }
    }
    return faults === 0 ? 0 : 1;
  },
};

function checkNode(): Finding[] {
  // `typhoon` itself refuses anything older.
  return [{ text: `Node ${process.versions.node} (${process.execPath})` }];
}

/** Runs Node with the flags of the runtime: one that a later Node has dropped costs what its line says. */
export function checkFlags(flags: Readonly<Record<string, string>> = nodeFlags): Finding[] {
  const takes = (given: readonly string[]): boolean =>
    spawnSync(process.execPath, [...given, "-e", "0"], { stdio: "ignore" }).status === 0;
  const names = Object.keys(flags);
  const unknown = takes(names) ? [] : names.filter((flag) => !takes([flag]));
  if (unknown.length === 0) return [{ text: "Node takes the flags of the kernel" }];
  const mend = "run `typhoon install` with a Node that has it, such as 24, or update Typhoon";
  return unknown.map((flag) => ({ text: `Node does not know ${flag}, so ${flags[flag]}`, mend }));
}

async function checkZeroMQ(): Promise<Finding[]> {
  try {
    await import("zeromq");
  } catch (error) {
    const why = error instanceof Error ? error.message.split("\n")[0] : String(error);
    return [{ text: `zeromq does not load (${why})`, mend: "reinstall it with `npm install zeromq`" }];
  }
  const { version } = createRequire(import.meta.url)("zeromq/package.json") as { version: string };
  return [{ text: `zeromq ${version}` }];
}

function checkBuild(): Finding[] {
  const root = findPackageRoot();
  const main = join(root, "dist", "kernel", "main.js");
  if (!existsSync(main)) return [{ text: `${main} is missing`, mend: "run `npm run build` there" }];
  if (!isFresh(root))
    return [{ text: "the build is older than the sources", mend: `run \`npm run build\` in ${root}` }];
  return [{ text: `build in ${join(root, "dist")}` }];
}

/** Finds this kernel's kernelspecs where Jupyter looks for them, and in the `.venv` of a clone. */
function checkKernelspecs(): Finding[] {
  const clone = join(findPackageRoot(), ".venv", "share", "jupyter");
  const folders = [...dataDirs(here(), findPrefix()), clone].map((dir) => join(dir, "kernels"));
  const findings = [...new Set(folders)].filter((folder) => existsSync(folder)).flatMap(checkKernels);
  const install = "run `typhoon install` (see `typhoon install --help` for where)";
  return findings.length > 0 ? findings : [{ text: "no kernelspec of Typhoon found", mend: install }];
}

function findPrefix(): string | undefined {
  try {
    return sysPrefix(process.env);
  } catch {
    return undefined; // no Python here: there is only the person's own folder
  }
}

function checkKernels(folder: string): Finding[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name, "kernel.json");
    const kernelspec = existsSync(path) ? readKernelspec(path) : undefined;
    const main = kernelspec?.argv[1] ?? "";
    if (kernelspec === undefined || (name !== "typhoon" && !/[\\/]kernel[\\/]main\.js$/.test(main))) return [];
    const missing = kernelspec.argv.slice(0, 2).find((file) => !existsSync(file));
    const text = `kernelspec "${name}" in ${folder}`;
    if (missing === undefined) return [{ text }];
    const mend = `write it again with \`typhoon install --name ${name}\` and the same place (--user, --sys-prefix, --prefix)`;
    return [{ text: `${text} names ${missing}, which is missing`, mend }];
  });
}

function readKernelspec(path: string): Kernelspec | undefined {
  try {
    const kernelspec = JSON.parse(readFileSync(path, "utf8")) as Partial<Kernelspec>;
    return Array.isArray(kernelspec.argv) ? (kernelspec as Kernelspec) : undefined;
  } catch {
    return undefined; // another kernel's business
  }
}

function checkJupyter(): Finding[] {
  const windows = process.platform === "win32";
  const program = windows ? join("Scripts", "jupyter.exe") : join("bin", "jupyter");
  const clone = join(findPackageRoot(), ".venv", program);
  const jupyter = existsSync(clone) ? clone : "jupyter";
  try {
    const printed = execFileSync(jupyter, ["--version"], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
    const [, lab] = /^jupyterlab\s*:\s*(\S+)/m.exec(printed) ?? [];
    const version = lab === undefined || lab === "not" ? "Jupyter without JupyterLab" : `JupyterLab ${lab}`;
    return [{ text: `${version} (${jupyter})` }];
  } catch {
    return [
      { text: "no jupyter on PATH", mend: "install it with `pip install jupyterlab`, or activate its environment" },
    ];
  }
}

async function checkKernel(): Promise<Finding[]> {
  const startMs = performance.now();
  const passedMs = (): string => `${(performance.now() - startMs).toFixed(0)} ms`;
  try {
    const { argv, env } = await createKernelspec({});
    const kernel = await startKernel(argv, { env });
    const code = "1+1";
    const { published } = await kernel.request("execute_request", { code, store_history: false, allow_stdin: false });
    const result = published.find(({ header }) => header.msg_type === "execute_result")?.content["data"];
    const text = (result as Record<string, unknown> | undefined)?.["text/plain"];
    await kernel.shutdown();
    if (text === "2") return [{ text: `a kernel started and said ${code} = 2 in ${passedMs()}` }];
    return [
      { text: `a kernel started, but said ${code} = ${String(text)}`, mend: "reinstall Typhoon, or report this" },
    ];
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return [
      { text: `no kernel starts (${why})`, mend: "mend the faults above first; its own words are in the lines before" },
    ];
  }
}
