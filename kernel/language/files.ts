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
  /** Says what has changed since it was called last, as far as its time lasts: the next look goes on from there. */
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

// A look holds up the kernel's loop; each file takes milliseconds where the folder is on another machine.
const longestLookMs = 20;

/** Looks at a folder for the first time. Of a look that takes longer than `lookMs`, the rest is for the next one. */
export function watchFolder(folder: string, lookMs: number = longestLookMs): FolderWatch {
  const folders = new Map<string, Folder>();
  const followed = new Set<string>();
  const known = new Map<string, string>();
  /** What is told by the look that goes on. */
  let told: FileChange[] = [];
  // What cells import comes first at each look, so that no folder beside it makes it wait.
  let imports = scanImports();
  let near = scanFolder();
  let packages = packageStamps(folder);

  function* scanImports(): Generator<void> {
    for (const path of followed) {
      compare(path);
      yield;
    }
  }

  /** The nearest first, each folder read again only if something came or went. */
  function* scanFolder(): Generator<void> {
    const found = new Set<string>();
    let entries = 0;
    let level = [folder];
    let visited = 0;
    for (let depth = 0; depth <= deepest && level.length > 0; depth += 1) {
      const below: string[] = [];
      for (const path of level) {
        if (found.size >= mostFiles || entries >= mostEntries || (visited += 1) > mostFolders) {
          level = [];
          break;
        }
        const read = readFolder(path, folders.get(path));
        folders.set(path, read);
        entries += read.entries;
        yield;
        for (const source of read.sources.slice(0, mostFiles - found.size)) {
          if (compare(source)) found.add(source);
          yield;
        }
        below.push(...read.folders);
      }
      level = level.length > 0 ? below : [];
    }
    for (const path of known.keys()) if (!found.has(path) && !followed.has(path)) lose(path);
  }

  /** Compares a file with what is known of it; false where there is none. */
  function compare(path: string): boolean {
    const [before, stamp] = [known.get(path), stampOf(path)];
    if (stamp === "") {
      if (before !== undefined) lose(path);
      return false;
    }
    known.set(path, stamp);
    if (before !== stamp) told.push({ path, type: before === undefined ? 1 : 2 });
    return true;
  }

  function lose(path: string): void {
    known.delete(path);
    told.push({ path, type: 3 });
  }

  /** Goes on until all was looked at or the time is over, with one step at least. */
  function go(scan: Generator<void>, again: () => Generator<void>, until: number): Generator<void> {
    for (;;) {
      if (scan.next().done === true) return again();
      if (performance.now() >= until) return scan;
    }
  }

  function lookOn(): void {
    const start = performance.now();
    imports = go(imports, scanImports, start + lookMs / 2);
    near = go(near, scanFolder, start + lookMs);
  }

  lookOn();
  told = [];
  return {
    look() {
      lookOn();
      const files = told;
      told = [];
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
        const stamp = stampOf(each);
        if (stamp !== "") known.set(each, stamp);
      }
    },
  };
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
