import { chmod, chown, readFile, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { ServerFailure } from "./failure.ts";

/** A user of the system. */
export interface User {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/** Tells whether this process runs as root. */
export function isRoot(): boolean {
  return process.getuid?.() === 0;
}

/** Finds the first of these users that the system has. Undefined where we are not root: then programs run as we do. */
export async function findUser(names: readonly string[]): Promise<User | undefined> {
  if (!isRoot()) return undefined;
  const lines = (await readFile("/etc/passwd", "utf8")).split("\n").map((line) => line.split(":"));
  for (const name of names) {
    const [, , uid, gid] = lines.find(([user]) => user === name) ?? [];
    if (Number(uid) > 0) return { name, uid: Number(uid), gid: Number(gid) };
  }
  const named = names.join(" or ");
  throw new ServerFailure(
    `this server refuses to run as root, and there is no user ${named}: run this as another user`,
  );
}

/** Gives a file or folder, with all that is in it, to a user; to nobody else where that is undefined. */
export async function giveTo(user: User | undefined, path: string): Promise<void> {
  if (!user) return;
  const below = await readdir(path, { recursive: true }).catch(() => []);
  await Promise.all([path, ...below.map((file) => join(path, file))].map((file) => chown(file, user.uid, user.gid)));
}

/** Lets every user read a folder with all that is in it, whatever mask root works with: root's servers run as other users. */
export async function openToAll(folder: string): Promise<void> {
  if (!isRoot()) return;
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => !entry.isSymbolicLink())
    .map(({ parentPath, name }) => join(parentPath, name));
  for (const path of [folder, ...paths]) {
    const { mode } = await stat(path);
    const open = mode & 0o100 ? 0o555 : 0o444;
    if ((mode & open) !== open) await chmod(path, mode | open);
  }
}
