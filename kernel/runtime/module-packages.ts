import { existsSync, readFileSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

/** The packages that a notebook's own code has imported, and what has become of them on the disk. */
export interface UsedPackages {
  /** Notes that a package is used from now on, as it is installed for the importer. */
  note(name: string, importer: string): void;
  /** What was installed, or removed, since: what to say of it, once for each change. */
  changes(): readonly string[];
}

interface Used {
  readonly name: string;
  readonly file: string;
  readonly loaded: string | undefined;
  installed: string | undefined;
  stamp: string;
}

/** Finds the folder of an installed package. */
export function findInstalled(name: string, importer: string): string | undefined {
  const folders = createRequire(importer).resolve.paths(name) ?? [];
  return folders.map((folder) => join(folder, name)).find((folder) => existsSync(folder));
}

/** Creates the list of the packages that a process uses. */
export function createUsedPackages(): UsedPackages {
  const asked = new Set<string>();
  const used = new Map<string, Used>();
  return {
    note(name, importer) {
      const key = `${name} ${importer.replace(/[^\\/]*$/, "")}`;
      if (asked.has(key)) return;
      asked.add(key);
      const folder = findInstalled(name, importer);
      if (folder === undefined || used.has(folder)) return;
      const file = join(folder, "package.json");
      const version = versionOf(file);
      used.set(folder, { name, file, loaded: version, installed: version, stamp: stampOf(file) });
    },
    changes() {
      const found: string[] = [];
      for (const entry of used.values()) {
        const stamp = stampOf(entry.file);
        if (stamp === entry.stamp) continue;
        entry.stamp = stamp;
        const version = versionOf(entry.file);
        if (version === entry.installed) continue;
        entry.installed = version;
        if (version === entry.loaded || entry.loaded === undefined) continue;
        const now = version === undefined ? "it is no longer installed" : `${version} is installed now`;
        found.push(`${entry.name} ${entry.loaded} is loaded and ${now}; restart the kernel to change over`);
      }
      return found;
    },
  };
}

function stampOf(file: string): string {
  const stats = statSync(file, { throwIfNoEntry: false });
  return stats ? `${stats.ino}:${stats.size}:${stats.mtimeMs}` : "";
}

function versionOf(file: string): string | undefined {
  try {
    const { version } = JSON.parse(readFileSync(file, "utf8")) as { version?: unknown };
    return typeof version === "string" ? version : undefined;
  } catch {
    return undefined;
  }
}
