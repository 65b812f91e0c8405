import { accessSync, constants, existsSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { readOptions } from "../../connections/options.ts";
import type { Target } from "../../connections/target.ts";
import { readDuration } from "../../duration.ts";
import { type SqlEngine, type SqlServer, SqlFailure } from "../engine.ts";
import { dialect } from "./dialect.ts";
import type { Opening } from "./protocol.ts";
import { openSession } from "./session.ts";

/** SQLite's files, and databases that last as long as their connection. */
export const sqlite: SqlEngine = { title: "SQLite", dialect, open };

const usualBusyMs = 5_000;

function open(target: Target): SqlServer {
  const { database = ":memory:", parameters } = readOptions(target);
  const { mode = "rwc", busy_timeout: busy, ...unknown } = parameters;
  const [name] = Object.keys(unknown);
  if (name !== undefined) throw new TypeError(`SQLite's URLs have no ${name}. They know mode and busy_timeout`);
  if (!["ro", "rw", "rwc", "memory"].includes(mode)) throw new TypeError(`mode is ro, rw or rwc, not "${mode}"`);
  const busyMs = busy === undefined ? usualBusyMs : readBusyMs(busy);
  return database === ":memory:" || mode === "memory"
    ? openPrivate(busyMs)
    : {
        async connect(signal) {
          checkFile(database, mode);
          return openSession(
            { path: database, readOnly: mode === "ro", busyMs, isPrivate: false, folder: undefined },
            signal,
          );
        },
        close: async () => {},
      };
}

function readBusyMs(text: string): number {
  const ms = readDuration(text);
  if (ms === undefined) throw new TypeError(`busy_timeout is a time such as 5s or 500ms, not "${text}"`);
  return ms;
}

/**
 * A database in memory, for people: a file in a folder of its own that nobody else reads and that is never synced. So its
 * sessions share it, and what was committed outlives a query whose process had to be ended.
 */
function openPrivate(busyMs: number): SqlServer {
  let folder: string | undefined;
  return {
    async connect(signal) {
      folder ??= mkdtempSync(join(tmpdir(), "typhoon-sqlite-"));
      const opening: Opening = { path: join(folder, "memory.db"), readOnly: false, busyMs, isPrivate: true, folder };
      return openSession(opening, signal);
    },
    async close() {
      if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
      folder = undefined;
    },
  };
}

/** Says of a file that cannot be opened why: SQLite says the same of all of these. */
function checkFile(path: string, mode: string): void {
  const fail = (name: string, message: string, hint: string): never => {
    throw new SqlFailure(name, message, { hint });
  };
  const folder = dirname(path);
  if (!existsSync(folder))
    fail("NoSuchFolder", `there is no folder ${folder}`, "Make it first, or look at the path in the URL");
  if (!existsSync(path)) {
    if (mode !== "rwc")
      fail("NoSuchFile", `there is no file ${path}`, "Look at the path. Without ?mode=ro a new file is made");
    if (!may(folder, constants.W_OK))
      fail("PermissionDenied", `a new file cannot be made in ${folder}`, "Look at the folder's permissions");
    return;
  }
  if (statSync(path).isDirectory()) fail("CannotOpen", `${path} is a folder`, "Give the path of a file in it");
  if (!may(path, constants.R_OK))
    fail("PermissionDenied", `the file ${path} may not be read`, "Look at its permissions");
}

function may(path: string, what: number): boolean {
  try {
    accessSync(path, what);
    return true;
  } catch {
    return false;
  }
}
