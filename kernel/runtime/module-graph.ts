import { type Stats, readFileSync, statSync } from "node:fs";

/** What a module's text turned out to be; it decides how a new version is named. */
export type ModuleKind = "module" | "commonjs" | "json";

interface Entry {
  version: number;
  /** How often the file, or one that it imports, was found edited. */
  edits: number;
  kind: ModuleKind | undefined;
  /** Size and times of the file when it was read; undefined until then, or if it was gone. */
  stamp: string | undefined;
  /** True where the file was written so shortly before it was read that another write could leave the same stamp. */
  isFresh: boolean;
  digest: string | undefined;
  readonly imports: Set<string>;
  /** How far the current version is. */
  state: "named" | "read" | "evaluated";
  /** The import of a cell for which the file was last compared. */
  checkedFor: number;
  wasRead: boolean;
}

/** The local files that were imported, who imports whom, and which version of each is current. */
export interface ModuleGraph {
  /** Starts a new cell: every file that is loaded is compared with what was read of it. */
  nextCell(): void;
  /** Starts an import by a cell: what it reaches is compared again, each file once. */
  nextImport(): void;
  has(path: string): boolean;
  /** Returns the file's current version; it grows when the file, or one that it imports, has changed. */
  version(path: string): number;
  /** The current version as far as is known, without a look at the disk; undefined for a file that nobody has imported. */
  known(path: string): { readonly version: number; readonly edits: number; readonly evaluated: boolean } | undefined;
  kind(path: string): ModuleKind | undefined;
  /** Says that one local file imports another. */
  link(importer: string, imported: string): void;
  /** Reads a file and remembers what it was like. */
  read(path: string): string;
  setKind(path: string, kind: ModuleKind): void;
  /** Says that the code of a module's version ran to its end. */
  setEvaluated(path: string, version: number): void;
  /** Gives up the modules that have failed, so that the next import tries again; asks of those that were not seen to end. */
  retryFailed(hasFailed: (path: string, version: number) => boolean): void;
}

// Coarse clocks of file systems count in steps up to two seconds.
const freshMs = 2_000;

function toStamp({ size, mtimeMs, ctimeMs, ino }: Stats): string {
  return `${size}:${mtimeMs}:${ctimeMs}:${ino}`;
}

function statsOf(path: string): Stats | undefined {
  return statSync(path, { throwIfNoEntry: false });
}

function isFresh({ mtimeMs, ctimeMs }: Stats): boolean {
  return Date.now() - Math.max(mtimeMs, ctimeMs) < freshMs;
}

/** Creates an empty graph; `onStale` hears of each version that is no longer current. */
export function createModuleGraph(onStale: (path: string, version: number) => void): ModuleGraph {
  const entries = new Map<string, Entry>();
  let wave = 1;

  function entryOf(path: string): Entry {
    let entry = entries.get(path);
    if (entry === undefined) {
      entry = {
        version: 0,
        edits: 0,
        kind: undefined,
        stamp: undefined,
        isFresh: false,
        digest: undefined,
        imports: new Set(),
        state: "named",
        checkedFor: wave,
        wasRead: false,
      };
      entries.set(path, entry);
    }
    return entry;
  }

  function isChanged(path: string, entry: Entry): boolean {
    if (!entry.wasRead) return false;
    const stats = statsOf(path);
    const stamp = stats && toStamp(stats);
    if (stamp === entry.stamp && !entry.isFresh) return false;
    entry.stamp = stamp;
    entry.isFresh = stats !== undefined && isFresh(stats);
    const before = entry.digest;
    entry.digest = stats && digestNow(path);
    // Saved without a change (an editor, a checkout): the instance stays.
    return entry.digest !== before;
  }

  function uncheckedBelow(path: string, found: Set<string> = new Set()): Set<string> {
    const entry = entries.get(path);
    if (entry === undefined || entry.checkedFor === wave || found.has(path)) return found;
    found.add(path);
    for (const imported of entry.imports) uncheckedBelow(imported, found);
    return found;
  }

  function giveUp(path: string, entry: Entry): void {
    onStale(path, entry.version);
    entry.version++;
    entry.state = "named";
  }

  function renew(changed: readonly string[]): void {
    const stale = new Set(changed);
    // A set that grows while it is walked is walked to its end.
    for (const path of stale) {
      for (const [importer, { imports }] of entries) if (imports.has(path)) stale.add(importer);
    }
    for (const path of stale) {
      const entry = entryOf(path);
      entry.edits++;
      giveUp(path, entry);
    }
  }

  /** Compares files with what was read of them, and makes those that have changed stale with all that import them. */
  function compare(paths: Iterable<string>): void {
    const changed: string[] = [];
    for (const path of paths) {
      const entry = entryOf(path);
      entry.checkedFor = wave;
      if (isChanged(path, entry)) changed.push(path);
    }
    if (changed.length > 0) renew(changed);
  }

  return {
    nextCell() {
      wave += 1;
      compare(entries.keys());
    },
    nextImport: () => void (wave += 1),
    has: (path) => entries.has(path),
    version(path) {
      compare(uncheckedBelow(path));
      return entryOf(path).version;
    },
    known(path) {
      const entry = entries.get(path);
      return entry && { version: entry.version, edits: entry.edits, evaluated: entry.state === "evaluated" };
    },
    kind: (path) => entries.get(path)?.kind,
    link: (importer, imported) => void entries.get(importer)?.imports.add(imported),
    read(path) {
      const entry = entryOf(path);
      // The stamp is older than the text, so an edit in between shows at the next check.
      const stats = statsOf(path);
      const bytes = readFileSync(path);
      // `require` reads a module that `import` has loaded once more, and takes the loaded one.
      if (entry.state === "named") {
        entry.stamp = stats && toStamp(stats);
        entry.isFresh = stats !== undefined && isFresh(stats);
        entry.digest = digestOf(bytes);
        entry.wasRead = true;
        entry.state = "read";
        entry.imports.clear();
      }
      return bytes
        .toString("utf8")
        .replace(/^\uFEFF/, "")
        .replace(/^#!/, "//"); // the line for the shell may not come second
    },
    setKind: (path, kind) => void (entryOf(path).kind = kind),
    setEvaluated(path, version) {
      const entry = entryOf(path);
      // An old version may await for long, and end after it was replaced.
      if (entry.version === version && entry.state === "read") entry.state = "evaluated";
    },
    retryFailed(hasFailed) {
      for (const [path, entry] of entries) {
        if (entry.state === "read" && hasFailed(path, entry.version)) giveUp(path, entry);
      }
    },
  };
}

function digestNow(path: string): string | undefined {
  try {
    return digestOf(readFileSync(path));
  } catch {
    return undefined; // gone since, or not ours to read: its import says so
  }
}

// node:crypto takes longer to load than the runtime has for its start, and most cells import no local file.
function digestOf(bytes: Buffer): string {
  return process.getBuiltinModule("node:crypto").hash("sha1", bytes);
}
