import { type BigIntStats, readFileSync, statSync } from "node:fs";

/** What a module's text turned out to be; it decides how a new version is named. */
export type ModuleKind = "module" | "commonjs" | "json";

interface Entry {
  version: number;
  kind: ModuleKind | undefined;
  /** Size and times of the file when it was read; undefined until then, or if it was gone. */
  stamp: string | undefined;
  digest: string | undefined;
  readonly imports: Set<string>;
  /** False between reading the file and the last line of its evaluation. */
  evaluated: boolean;
  /** The cell in which the file was last compared and last read. */
  checkedIn: number;
  readIn: number;
}

/** The local files that were imported, who imports whom, and which version of each is current. */
export interface ModuleGraph {
  /** Starts a new cell: files are compared again at their next import, once per cell; those that `isEager` picks, now. */
  nextCell(isEager: (path: string, version: number) => boolean): void;
  /** Returns the file's current version; it grows when the file, or one that it imports, has changed. */
  version(path: string): number;
  kind(path: string): ModuleKind | undefined;
  /** Says that one local file imports another. */
  link(importer: string, imported: string): void;
  /** Reads a file and remembers what it was like. */
  read(path: string): string;
  setKind(path: string, kind: ModuleKind): void;
  /** Says that a module's code ran to its end. */
  setEvaluated(path: string): void;
  /** Gives up the modules that this cell read and whose evaluation did not end, so that the next import tries again. */
  retryFailed(): void;
}

function toStamp({ size, mtimeNs, ctimeNs, ino }: BigIntStats): string {
  return [size, mtimeNs, ctimeNs, ino].join(":");
}

function currentStamp(path: string): string | undefined {
  const stats = statSync(path, { bigint: true, throwIfNoEntry: false });
  return stats && toStamp(stats);
}

/** Creates an empty graph; `onStale` hears of each version that is no longer current. */
export function createModuleGraph(onStale: (path: string, version: number) => void): ModuleGraph {
  const entries = new Map<string, Entry>();
  let cell = 1;

  function entryOf(path: string): Entry {
    let entry = entries.get(path);
    if (entry === undefined) {
      entry = {
        version: 0,
        kind: undefined,
        stamp: undefined,
        digest: undefined,
        imports: new Set(),
        evaluated: false,
        checkedIn: cell,
        readIn: 0,
      };
      entries.set(path, entry);
    }
    return entry;
  }

  function isChanged(path: string, entry: Entry): boolean {
    if (entry.readIn === 0) return false;
    const stamp = currentStamp(path);
    if (stamp === entry.stamp) return false;
    entry.stamp = stamp;
    if (stamp === undefined) return true;
    // Saved without a change (an editor, a checkout): the instance stays.
    return digestOf(readFileSync(path)) !== entry.digest;
  }

  function uncheckedBelow(path: string, found: Set<string> = new Set()): Set<string> {
    const entry = entries.get(path);
    if (entry === undefined || entry.checkedIn === cell || found.has(path)) return found;
    found.add(path);
    for (const imported of entry.imports) uncheckedBelow(imported, found);
    return found;
  }

  function renew(changed: readonly string[]): void {
    const stale = new Set(changed);
    // A set that grows while it is walked is walked to its end.
    for (const path of stale) {
      for (const [importer, { imports }] of entries) if (imports.has(path)) stale.add(importer);
    }
    for (const path of stale) {
      const entry = entryOf(path);
      onStale(path, entry.version);
      entry.version++;
      entry.evaluated = false;
      entry.imports.clear();
    }
  }

  function check(path: string): number {
    const unchecked = [...uncheckedBelow(path)];
    for (const name of unchecked) entryOf(name).checkedIn = cell;
    const changed = unchecked.filter((name) => isChanged(name, entryOf(name)));
    if (changed.length > 0) renew(changed);
    return entryOf(path).version;
  }

  return {
    nextCell(isEager) {
      cell += 1;
      for (const [path, { version }] of entries) if (isEager(path, version)) check(path);
    },
    version: check,
    kind: (path) => entries.get(path)?.kind,
    link: (importer, imported) => void entries.get(importer)?.imports.add(imported),
    read(path) {
      const entry = entryOf(path);
      // The stamp is older than the text, so an edit in between shows at the next check.
      entry.stamp = currentStamp(path);
      const bytes = readFileSync(path);
      entry.digest = digestOf(bytes);
      entry.readIn = cell;
      entry.evaluated = false;
      return bytes.toString("utf8").replace(/^\uFEFF/, "");
    },
    setKind: (path, kind) => void (entryOf(path).kind = kind),
    setEvaluated: (path) => void (entryOf(path).evaluated = true),
    retryFailed() {
      const failed = [...entries].filter(([, { readIn, kind, evaluated }]) => {
        return readIn === cell && kind === "module" && !evaluated;
      });
      if (failed.length > 0) renew(failed.map(([path]) => path));
    },
  };
}

// node:crypto takes longer to load than the runtime has for its start, and most cells import no local file.
function digestOf(bytes: Buffer): string {
  return process.getBuiltinModule("node:crypto").hash("sha1", bytes);
}
