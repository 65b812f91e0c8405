import { homedir } from "node:os";
import { resolve } from "node:path";
import { MagicError } from "./magic.ts";

/** Resolves a path that a person wrote: `~` is the home folder, the rest is relative to a folder, by default the working directory. */
export function resolvePath(path: string, folder = ""): string {
  return resolve(folder, /^~(?=$|[/\\])/.test(path) ? homedir() + path.slice(1) : path);
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: "there is no",
  EACCES: "no permission for",
  EPERM: "no permission for",
  EISDIR: "this is a folder, give a file:",
  ENOTDIR: "this is not a folder:",
  EROFS: "this is on a read-only disk:",
  ENOSPC: "the disk is full:",
};

/** Makes a system error of a path one that a reader can mend; any other error is returned as it is. */
export function pathError(magic: string, path: string, error: unknown): unknown {
  const reason = reasons[(error as NodeJS.ErrnoException).code ?? ""];
  if (!reason) return error;
  const where = `the working directory is ${process.cwd()}; \`%cd\` changes it`;
  return new MagicError(magic, `${reason} ${path} (${where})`, { cause: error });
}
