import { readdirSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import type { FileChange } from "./server.ts";

/** What has changed on the disk since the last look. */
export interface Changes {
  readonly files: readonly FileChange[];
  /** Packages were installed or removed, or the tsconfig.json is another. */
  readonly project: boolean;
}

// A notebook's folder with more sources than these is looked at in part.
const mostFiles = 1_000;
const deepest = 4;

/** Returns a function that says what has changed in a folder since it was called last: the server watches no files. */
export function watchFolder(folder: string): () => Changes {
  let known = scan(folder);
  let stamps = projectStamps(folder);
  return () => {
    const [now, nowStamps] = [scan(folder), projectStamps(folder)];
    const files: FileChange[] = [];
    for (const [path, stamp] of now) {
      const before = known.get(path);
      if (before !== stamp) files.push({ path, type: before === undefined ? 1 : 2 });
    }
    for (const path of known.keys()) if (!now.has(path)) files.push({ path, type: 3 });
    const project = nowStamps !== stamps;
    known = now;
    stamps = nowStamps;
    return { files, project };
  };
}

function scan(folder: string): Map<string, string> {
  const found = new Map<string, string>();
  const visit = (at: string, depth: number): void => {
    for (const entry of entriesOf(at)) {
      if (found.size >= mostFiles) return;
      const path = join(at, entry.name);
      if (entry.isDirectory()) {
        if (depth < deepest && entry.name !== "node_modules" && !entry.name.startsWith(".")) visit(path, depth + 1);
      } else if (/\.(?:[cm]?[jt]sx?|json)$/.test(entry.name)) found.set(path, stampOf(path));
    }
  };
  visit(folder, 0);
  return found;
}

function entriesOf(folder: string): import("node:fs").Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}

function stampOf(path: string): string {
  const found = statSync(path, { throwIfNoEntry: false });
  return found ? `${found.mtimeMs} ${found.size}` : "";
}

function projectStamps(folder: string): string {
  const stamps: string[] = [];
  for (let at = folder; ; at = dirname(at)) {
    stamps.push(stampOf(join(at, "tsconfig.json")), stampOf(join(at, "node_modules", ".package-lock.json")));
    if (at === dirname(at)) return stamps.join();
  }
}
