import { readFileSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { builtinModules } from "node:module";
import { homedir } from "node:os";
import { dirname, isAbsolute, join } from "node:path";
import type { Candidate } from "./candidates.ts";

interface Entry {
  readonly name: string;
  readonly isFolder: boolean;
}

/** Lists the files, or only the folders, that a path can go on with: folders first, hidden ones last. */
export async function fileCandidates(
  prefix: string,
  folder: string,
  kind: "file" | "folder" = "file",
): Promise<readonly Candidate[]> {
  const given = prefix.slice(0, Math.max(prefix.lastIndexOf("/"), prefix.lastIndexOf("\\")) + 1);
  const plain = /^~[/\\]/.test(given) ? homedir() + given.slice(1) : given;
  const entries = await entriesOf(isAbsolute(plain) ? plain : join(folder, plain));
  return entries
    .filter(({ isFolder }) => kind === "file" || isFolder)
    .map(({ name, isFolder }) => ({
      text: `${given}${name}${isFolder ? "/" : ""}`,
      type: isFolder ? "folder" : "path",
      rank: (name.startsWith(".") ? 2 : 0) + (isFolder ? 0 : 1),
    }));
}

/** Lists the packages that can be imported from a folder, and Node's own modules. */
export async function packageCandidates(folder: string): Promise<readonly Candidate[]> {
  const found = new Set<string>();
  for (let at = folder; ; at = dirname(at)) {
    for (const { name } of await entriesOf(join(at, "node_modules"))) {
      if (name.startsWith("@")) {
        for (const scoped of await entriesOf(join(at, "node_modules", name))) found.add(`${name}/${scoped.name}`);
      } else if (!name.startsWith(".")) found.add(name);
    }
    if (at === dirname(at)) break;
  }
  const builtins = builtinModules
    .filter((name) => !/^(?:_|internal\/)/.test(name))
    .map((name) => `node:${name.replace(/^node:/, "")}`);
  return [
    ...[...found].map((text) => ({ text, type: "module", rank: 0 })),
    ...builtins.map((text) => ({ text, type: "module", rank: 1 })),
  ];
}

/** Lists the packages that the nearest package.json names. */
export function dependencyCandidates(folder: string): readonly Candidate[] {
  for (let at = folder; ; at = dirname(at)) {
    const names = dependenciesOf(join(at, "package.json"));
    if (names) return names.map((text) => ({ text, type: "module", rank: 0 }));
    if (at === dirname(at)) return [];
  }
}

function dependenciesOf(path: string): string[] | undefined {
  try {
    const given = JSON.parse(readFileSync(path, "utf8")) as Record<string, object | undefined>;
    return [given["dependencies"], given["devDependencies"]].flatMap((part) => Object.keys(part ?? {}));
  } catch {
    return undefined;
  }
}

async function entriesOf(folder: string): Promise<readonly Entry[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries.map((entry) => ({ name: entry.name, isFolder: entry.isDirectory() }));
  } catch {
    return [];
  }
}
