import { existsSync } from "node:fs";
import { chmod, copyFile, mkdir, mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { CommandError } from "./command.ts";
import { type Place, here } from "./jupyter-paths.ts";
import { findPackageRoot } from "./package-root.ts";

/** What a kernel.json holds ("Kernel specs"). */
export interface Kernelspec {
  readonly argv: readonly string[];
  readonly display_name: string;
  readonly language: string;
  readonly interrupt_mode: string;
  readonly kernel_protocol_version: string;
  readonly env: Readonly<Record<string, string>>;
  readonly metadata: Readonly<Record<string, unknown>>;
}

/** What may differ between two kernelspecs of this kernel. */
export interface KernelspecOptions {
  /** Shown in the front end's list of kernels. */
  readonly displayName?: string | undefined;
  /** Environment variables of the kernel. */
  readonly env?: Readonly<Record<string, string>>;
}

const logos = ["logo-32x32.png", "logo-64x64.png", "logo-svg.svg"];

/** Makes the kernelspec that starts this copy of the kernel with this Node, by absolute paths. */
export async function createKernelspec({ displayName, env = {} }: KernelspecOptions): Promise<Kernelspec> {
  const root = findPackageRoot();
  const template = JSON.parse(await readFile(join(root, "kernel.json"), "utf8")) as Kernelspec;
  const paths: Record<string, string> = {
    "{node}": process.execPath,
    "{kernel}": join(root, "dist", "kernel", "main.js"),
  };
  return {
    ...template,
    argv: template.argv.map((word) => paths[word] ?? word),
    display_name: displayName ?? template.display_name,
    env: { ...template.env, NODE_COMPILE_CACHE: compileCacheDir(here()), ...env },
  };
}

/** Returns the folder for compiled code of the kernel: with it a start takes about a fifth less time. */
function compileCacheDir({ env, platform, home }: Place): string {
  if (platform === "darwin") return join(home, "Library", "Caches", "typhoon", "compile");
  if (platform === "win32") return join(env["LOCALAPPDATA"] ?? join(home, "AppData", "Local"), "typhoon", "compile");
  return join(env["XDG_CACHE_HOME"] || join(home, ".cache"), "typhoon", "compile");
}

/** Jupyter takes ASCII letters, digits, and `-`, `.`, `_` in the name of a kernelspec. */
export function checkName(name: string): void {
  if (/^[\w.-]+$/.test(name) && !/^\.+$/.test(name)) return;
  throw new CommandError(`"${name}" cannot be a kernelspec's name: use letters, digits, "-", "." and "_"`);
}

/** Writes a kernelspec with its logos into `DATA_DIR/kernels/NAME` and returns that folder; it is there whole or not at all. */
export async function writeKernelspec(dataDir: string, name: string, kernelspec: Kernelspec): Promise<string> {
  checkName(name);
  const kernels = join(dataDir, "kernels");
  const target = join(kernels, name);
  try {
    await mkdir(kernels, { recursive: true });
    // Jupyter takes no folder for a kernelspec whose kernel.json is not there, so that file comes last.
    const fresh = await mkdtemp(join(kernels, `.${name}-`));
    try {
      const source = join(findPackageRoot(), "kernel", "cli", "logo");
      await Promise.all(logos.map((logo) => copyFile(join(source, logo), join(fresh, logo))));
      await writeFile(join(fresh, "kernel.json"), `${JSON.stringify(kernelspec, undefined, 2)}\n`);
      await chmod(fresh, 0o755); // mkdtemp makes folders that only their owner can read
      await rm(target, { recursive: true, force: true });
      await rename(fresh, target);
    } finally {
      await rm(fresh, { recursive: true, force: true });
    }
  } catch (error) {
    throw notWritable(error, kernels);
  }
  return target;
}

/** Removes a kernelspec; returns false where there is none. */
export async function removeKernelspec(dataDir: string, name: string): Promise<boolean> {
  checkName(name);
  const target = join(dataDir, "kernels", name);
  if (!existsSync(join(target, "kernel.json"))) return false;
  try {
    await rm(target, { recursive: true });
  } catch (error) {
    throw notWritable(error, target);
  }
  return true;
}

function notWritable(error: unknown, folder: string): unknown {
  const code = (error as { code?: unknown }).code;
  if (code !== "EACCES" && code !== "EPERM" && code !== "EROFS") return error;
  return new CommandError(
    `${folder} cannot be written: choose another place with --user, --sys-prefix or --prefix DIR`,
  );
}
