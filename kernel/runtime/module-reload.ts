import { realpathSync } from "node:fs";
import { relative } from "node:path";
import { wordsOf } from "../cell/param-names.ts";
import type { Tie } from "./module-old.ts";
import type { Modules, ResolvedFile } from "./modules.ts";
import type { ImportBinding, Scopes } from "./scope.ts";

/** What keeps the imports of earlier cells up to date needs. */
export interface ReloaderOptions {
  readonly folder: string;
  readonly modules: Modules;
  readonly scopes: Scopes;
  /** Waits for something that the running cell's interrupt ends. */
  wait<T>(value: Promise<T>): Promise<T>;
  /** An error in a few lines, with its place, which is not in `filename`: that imports nothing by itself now. */
  describe(error: unknown, filename: string): string;
  /** Frees what nobody uses. */
  collect(): void;
}

/** Keeps the names that cells have imported from local files up to date with these. */
export interface Reloader {
  /** Names follow a module from now on: what the code of `filename` has imported. */
  follow(specifier: string, filename: string, bindings: readonly ImportBinding[]): void;
  /** True where `refresh` has something to do or to say for a cell of this code. */
  isDue(code: string): boolean;
  /** Loads what was edited, and returns what is to be said under the cell. Rejects where the cell is interrupted. */
  refresh(code: string, isInterrupted: () => boolean): Promise<readonly string[]>;
  /** Whether a file could not be loaded since this was asked last. */
  takeFailed(): boolean;
}

/** A name that follows an export. */
interface Follower {
  readonly name: string;
  readonly imported: string;
  readonly specifier: string;
  readonly filename: string;
  readonly file: ResolvedFile;
  /** By which it is known that the name is still this import. */
  readonly getter: unknown;
}

interface Failure {
  readonly edits: number;
  readonly reason: string;
}

// A few old versions may wait for garbage to be collected, or belong to values that are in use on purpose.
const mostOldVersions = 20;
const mostNamed = 8;

/** Creates the keeper of a notebook's imports. */
export function createReloader(options: ReloaderOptions): Reloader {
  const { modules, scopes, folder } = options;
  const followers = new Map<string, Follower>();
  const failures = new Map<string, Failure>();
  /** Variables that were named as stale, with the value that they had then. */
  const named = new Map<string, WeakRef<object>>();
  let packageNotes: readonly string[] = [];
  let isNews = false;
  let hasFailed = false;
  const show = (path: string): string => {
    const near = relative(folder, path);
    return near.startsWith("..") ? path : near;
  };

  function getterOf(name: string): unknown {
    const holder = scopes.objects[scopes.indexOf(name) ?? -1];
    return holder && Object.getOwnPropertyDescriptor(holder, name)?.get;
  }

  function follow(specifier: string, filename: string, bindings: readonly ImportBinding[]): void {
    const file = modules.resolved(specifier, filename);
    for (const [imported, name] of bindings) {
      if (file) followers.set(name, { name, imported, specifier, filename, file, getter: getterOf(name) });
      else followers.delete(name);
    }
    if (file) failures.delete(file.path);
  }

  /** The names of older versions, by file; a name that was declared anew follows nothing. */
  function findBehind(): ReadonlyMap<string, readonly Follower[]> {
    const behind = new Map<string, Follower[]>();
    for (const [name, follower] of followers) {
      const { path, version, link } = follower.file;
      if (modules.known(path)?.version === version && (link === undefined || targetOf(link) === path)) continue;
      if (getterOf(name) !== follower.getter) followers.delete(name);
      else if (behind.has(path)) behind.get(path)!.push(follower);
      else behind.set(path, [follower]);
    }
    return behind;
  }

  /** The failure of a file's last load, while nothing has changed since. */
  function failureOf(path: string): Failure | undefined {
    const failure = failures.get(path);
    const known = modules.known(path);
    return failure && failure.edits === known?.edits && !known.evaluated ? failure : undefined;
  }

  async function reload(path: string, behind: readonly Follower[]): Promise<readonly string[]> {
    const newest = behind.at(-1)!;
    const edits = modules.known(path)?.edits ?? 0;
    // Noted first: what an interrupt ends is not tried again before the next edit.
    failures.set(path, { edits, reason: "its loading was interrupted" });
    try {
      const module = await options.wait(modules.import(newest.specifier, newest.filename));
      failures.delete(path);
      return rebind(module, newest, behind);
    } catch (error) {
      failures.set(path, { edits, reason: options.describe(error, newest.filename) });
      throw error;
    }
  }

  function rebind(module: object, newest: Follower, behind: readonly Follower[]): readonly string[] {
    const had = behind.filter(({ getter }) => isReadable(getter));
    scopes.rebind(
      module,
      newest.specifier,
      behind.map(({ imported, name }) => [imported, name]),
    );
    const file = modules.resolved(newest.specifier, newest.filename) ?? newest.file;
    for (const follower of behind) followers.set(follower.name, { ...follower, file, getter: getterOf(follower.name) });
    const lost = had.filter(({ name }) => !isReadable(getterOf(name))).map(({ name }) => name);
    if (lost.length === 0) return [];
    return [`${show(newest.file.path)} has changed and no longer exports ${list(lost)}`];
  }

  /** Says which variables hold what old versions have made, each once. */
  function findStale(): readonly string[] {
    const found = new Map<string, string[]>();
    for (const { name, kind, value } of scopes.entries()) {
      if (kind === "import") continue;
      const tie = modules.old.tieOf(value);
      if (!tie || named.get(name)?.deref() === value) continue;
      named.set(name, new WeakRef(value as object));
      const shown = show(tie.path);
      found.set(shown, [...(found.get(shown) ?? []), `${name} (${describeTie(tie)})`]);
    }
    return Array.from(found, ([path, names]) => {
      return `${path} was loaded anew; of its old version are still ${list(names)}. Run their cells again to renew them`;
    });
  }

  function findCrowds(): readonly string[] {
    const crowds = modules.old.crowded(mostOldVersions, options.collect);
    return crowds.map(({ path, count }) => {
      return (
        `${count} old versions of ${show(path)} are still in memory, because timers, listeners, servers or variables ` +
        "use them. What a module starts when it is loaded is better started by a cell, or ended before it is started again"
      );
    });
  }

  return {
    follow,
    isDue(code) {
      packageNotes = [...packageNotes, ...modules.packageChanges()];
      isNews ||= modules.old.takeNews();
      if (packageNotes.length > 0 || isNews) return true;
      const behind = findBehind();
      if (behind.size === 0) return false;
      const words = wordsOf(code);
      return [...behind].some(([path, all]) => !failureOf(path) || all.some(({ name }) => words.has(name)));
    },
    async refresh(code, isInterrupted) {
      const notes = [...packageNotes];
      packageNotes = [];
      isNews = false;
      const broken = new Map<string, Broken>();
      const words = wordsOf(code);
      for (const [path, behind] of findBehind()) {
        const failure = failureOf(path);
        const names = behind.map(({ name }) => name);
        if (failure) {
          // The cell that imports it says so itself.
          const used = names.filter((name) => words.has(name));
          if (used.length > 0 && !imports(code, behind)) {
            const is = used.length > 1 ? "are" : "is";
            notes.push(`${list(used)} ${is} still of the old version of ${show(path)}. ${firstLine(failure.reason)}`);
          }
          continue;
        }
        try {
          notes.push(...(await reload(path, behind)));
        } catch (error) {
          hasFailed = true;
          if (isInterrupted()) throw error;
          if (imports(code, behind)) continue;
          // A file that many import makes all of them fail for one reason.
          const { reason = "" } = failures.get(path) ?? {};
          const same = broken.get(reason) ?? { files: [], names: [] };
          broken.set(reason, { files: [...same.files, show(path)], names: [...same.names, ...names] });
        }
      }
      return [...notes, ...Array.from(broken, describeBroken), ...findStale(), ...findCrowds()];
    },
    takeFailed() {
      const failed = hasFailed;
      hasFailed = false;
      return failed;
    },
  };
}

interface Broken {
  readonly files: readonly string[];
  readonly names: readonly string[];
}

function describeBroken([reason, { files, names }]: readonly [string, Broken]): string {
  const have = files.length > 1 ? "have" : "has";
  const stay = names.length > 1 ? "stay those" : "stays that";
  return `${list(files)} ${have} changed and cannot be loaded; ${list(names)} ${stay} of the version before.\n${reason}\n`;
}

/** Whether a cell imports the file by itself, and so says by itself what is wrong with it. */
function imports(code: string, behind: readonly Follower[]): boolean {
  return behind.some(({ specifier }) => ['"', "'", "`"].some((quote) => code.includes(quote + specifier + quote)));
}

function targetOf(link: string): string | undefined {
  try {
    return realpathSync.native(link);
  } catch {
    return undefined;
  }
}

function firstLine(text: string): string {
  return text.split("\n", 1)[0] ?? "";
}

function isReadable(getter: unknown): boolean {
  try {
    (getter as () => unknown)();
    return true;
  } catch {
    return false;
  }
}

const tieWords: Record<Tie["tie"], string> = {
  itself: "",
  instance: "an instance of ",
  subclass: "extends ",
  holder: "holds ",
};

function describeTie({ tie, name }: Tie): string {
  return tieWords[tie] + (name ?? "the module");
}

function list(items: readonly string[]): string {
  const shown = items.slice(0, mostNamed);
  const rest = items.length - shown.length;
  if (rest > 0) return `${shown.join(", ")} and ${rest} more`;
  return shown.length < 2 ? shown.join("") : `${shown.slice(0, -1).join(", ")} and ${shown.at(-1)}`;
}
