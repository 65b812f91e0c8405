import { randomUUID } from "node:crypto";
import { existsSync, lstatSync, mkdirSync, readdirSync, renameSync } from "node:fs";
import { rm } from "node:fs/promises";
import { basename, dirname, join, sep } from "node:path";

/** What lay in a `node_modules`: each package, scope and link to a program, by its path; undefined if there was none. */
export type Installed = ReadonlySet<string> | undefined;

/** Lists what is installed in a folder. */
export function listInstalled(folder: string): Installed {
  const root = join(folder, "node_modules");
  if (!existsSync(root)) return undefined;
  const found = new Set<string>();
  walk(root, (path) => {
    found.add(path);
    return true;
  });
  return found;
}

/**
 * Brings a folder's `node_modules` back to what it was before an npm that was killed: npm puts what it replaces aside as
 * `.NAME-HASH` and deletes that at its end. Returns the removal of what npm had unpacked, which may take seconds.
 */
export function undoInstall(folder: string, before: Installed): Promise<void> {
  const root = join(folder, "node_modules");
  const trash = join(folder, `.npm-undone-${randomUUID()}`);
  let thrown = 0;
  const discard = (path: string): void => {
    mkdirSync(trash, { recursive: true });
    renameSync(path, join(trash, String((thrown += 1))));
  };
  if (before === undefined) {
    if (existsSync(root)) discard(root);
  } else {
    const aside = new Map<string, readonly string[]>();
    // Folders before what lies in them, which comes back with them.
    for (const path of [...before].toSorted((a, b) => a.length - b.length)) {
      const parent = dirname(path);
      if (!aside.has(parent)) aside.set(parent, listAside(parent, before));
      const found = aside.get(parent)!.find((name) => isAsideOf(name, basename(path)));
      if (found !== undefined) bringBack(join(parent, found), path, before, discard);
    }
    walk(root, (path) => {
      if (before.has(path)) return true;
      discard(path);
      return false;
    });
  }
  return rm(trash, { recursive: true, force: true });
}

/** Calls `visit` for each place of a `node_modules`, and goes on below it where that says so. */
function walk(folder: string, visit: (path: string) => boolean): void {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    const isPlace = entry.isDirectory() || entry.isSymbolicLink() || basename(folder) === ".bin";
    if (!isPlace || !visit(path) || !entry.isDirectory()) continue;
    if (entry.name === ".bin" || entry.name.startsWith("@")) walk(path, visit);
    else if (existsSync(join(path, "node_modules"))) walk(join(path, "node_modules"), visit);
  }
}

/** Puts what npm set aside back to its place, with the packages below it that npm had moved on already. */
function bringBack(aside: string, path: string, before: ReadonlySet<string>, discard: (path: string) => void): void {
  if (existsLink(path)) {
    for (const below of before) {
      if (!below.startsWith(path + sep)) continue;
      const home = join(aside, below.slice(path.length));
      if (existsLink(home) || !existsLink(below)) continue;
      mkdirSync(dirname(home), { recursive: true });
      renameSync(below, home);
    }
    discard(path);
  }
  renameSync(aside, path);
}

function listAside(folder: string, before: ReadonlySet<string>): readonly string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder).filter((name) => name.startsWith(".") && !before.has(join(folder, name)));
}

function isAsideOf(name: string, original: string): boolean {
  const start = `.${original}-`;
  return name.startsWith(start) && /^\w{1,8}$/.test(name.slice(start.length));
}

function existsLink(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}
