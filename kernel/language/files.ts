import { type Dirent, type Stats, readdirSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import type { FileChange } from "./server.ts";

/** What has changed on the disk since the last look. */
export interface Changes {
  readonly files: readonly FileChange[];
  /** Packages were installed or removed. */
  readonly packages: boolean;
}

/** The sources of a folder, which the server does not watch. */
export interface FolderWatch {
  /** Says what has changed since it was called last. */
  look(): Changes;
  /** Looks at a module too that a cell imports, wherever it is. */
  follow(specifier: string): void;
}

// A notebook may be in a home folder or beside a million files: what is near it and what its cells import is looked at.
const mostFiles = 1_000;
const mostFolders = 200;
const mostEntries = 60_000;
const deepest = 4;
// A file that comes into a folder within the same tick of the clock leaves the folder's time as it was.
const tickMs = 50;

interface Folder {
  readonly stamp: number;
  readonly sources: readonly string[];
  readonly folders: readonly string[];
  readonly entries: number;
}

const nothing: Folder = { stamp: Number.NaN, sources: [], folders: [], entries: 0 };

/** Looks at a folder for the first time. */
export function watchFolder(folder: string): FolderWatch {
  const folders = new Map<string, Folder>();
  const followed = new Set<string>();
  let known = scan();
  let packages = packageStamps(folder);

  /** The nearest first, each folder read again only if something came or went. */
  function scan(): Map<string, string> {
    const found = new Map<string, string>();
    for (const path of followed) note(found, path);
    let entries = 0;
    let level = [folder];
    let visited = 0;
    for (let depth = 0; depth <= deepest && level.length > 0; depth += 1) {
      const below: string[] = [];
      for (const path of level) {
        if (found.size >= mostFiles || entries >= mostEntries || (visited += 1) > mostFolders) return found;
        const read = readFolder(path, folders.get(path));
        folders.set(path, read);
        entries += read.entries;
        for (const source of read.sources.slice(0, mostFiles - found.size)) note(found, source);
        below.push(...read.folders);
      }
      level = below;
    }
    return found;
  }

  return {
    look() {
      const now = scan();
      const files: FileChange[] = [];
      for (const [path, stamp] of now) {
        const before = known.get(path);
        if (before !== stamp) files.push({ path, type: before === undefined ? 1 : 2 });
      }
      for (const path of known.keys()) if (!now.has(path)) files.push({ path, type: 3 });
      known = now;
      const before = packages;
      packages = packageStamps(folder);
      return { files, packages: before !== packages };
    },
    follow(specifier) {
      if (!/^(?:\.{0,2}\/|[a-z]:[\\/])/i.test(specifier)) return;
      const path = resolve(folder, specifier);
      const stem = path.replace(/\.([cm]?)js(x?)$/, ".$1ts$2");
      for (const each of [path, stem, `${path}.ts`, `${path}.tsx`, join(path, "index.ts")]) {
        if (followed.has(each)) continue;
        followed.add(each);
        note(known, each);
      }
    },
  };
}

function note(found: Map<string, string>, path: string): void {
  const stamp = stampOf(path);
  if (stamp !== "") found.set(path, stamp);
}

function readFolder(path: string, before: Folder | undefined): Folder {
  const stamp = statsOf(path)?.mtimeMs;
  if (stamp === undefined) return nothing;
  if (before?.stamp === stamp) return before;
  const entries = entriesOf(path);
  const sources = entries.filter((entry) => !entry.isDirectory() && /\.(?:[cm]?[jt]sx?|json)$/.test(entry.name));
  const folders = entries.filter(
    (entry) => entry.isDirectory() && entry.name !== "node_modules" && !entry.name.startsWith("."),
  );
  return {
    stamp: Date.now() - stamp < tickMs ? Number.NaN : stamp,
    sources: sources.map(({ name }) => join(path, name)),
    folders: folders.map(({ name }) => join(path, name)),
    entries: entries.length,
  };
}

function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return []; // it is gone, or not ours to read
  }
}

function stampOf(path: string): string {
  const found = statsOf(path);
  return found?.isFile() === true ? `${found.mtimeMs} ${found.size}` : "";
}

function statsOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined; // a link to itself, or not ours to look at
  }
}

function packageStamps(folder: string): string {
  const stamps: string[] = [];
  for (let at = folder; ; at = dirname(at)) {
    stamps.push(stampOf(join(at, "node_modules", ".package-lock.json")));
    if (at === dirname(at)) return stamps.join();
  }
}
