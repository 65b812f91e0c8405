import { DatabaseSync } from "node:sqlite";
import { Worker } from "node:worker_threads";
import { type Failure, type Request, type Calls, type Opening, type Reply, ownBatch } from "./protocol.ts";
import { changesRows, firstWord } from "../statement-effects.ts";
import { describeFailure } from "./failure.ts";
import { insertBatch } from "./insert.ts";
import { Misfit, type Rows, openRows } from "./rows.ts";
import { syntax } from "./syntax.ts";

// The program of the process that has a file open. It is a process and no thread, since nothing but the end of the process
// stops SQLite within one step, such as a sort: Node gives no sqlite3_interrupt.

/** The call that is to stop, as the thread beside this one was told. */
const stopped = new Int32Array(new SharedArrayBuffer(4));
let current = 0;
let database: DatabaseSync | undefined;
let rows: Rows | undefined;
/** Text of the statement that is open, for its errors. */
let text = "";
let changes: number | undefined;

class Interrupted extends Error {}

function checkpoint(): void {
  if (Atomics.load(stopped, 0) === current) throw new Interrupted();
}

type Handlers = { [N in keyof Calls]: (params: Calls[N]["params"]) => Calls[N]["result"] };

const handlers: Handlers = {
  open(opening) {
    const { path, readOnly, busyMs, isPrivate } = opening;
    watch(opening);
    database = new DatabaseSync(path, { readOnly, timeout: busyMs });
    // The file's head is read only now: this says whether it is a database.
    database.exec("pragma schema_version");
    if (isPrivate) database.exec("pragma journal_mode = wal; pragma synchronous = off");
    const [version] = Object.values(database.prepare("select sqlite_version()").get()!);
    return { version: String(version) };
  },
  start({ sql, values }) {
    finish();
    text = sql;
    changes = undefined;
    // What another session did to the tables is seen by a statement that runs, not by one that is prepared.
    database!.exec("select 1 from sqlite_schema limit 1");
    const statement = database!.prepare(sql);
    if (statement.columns().length > 0) {
      rows = openRows(statement, values as readonly never[], checkpoint);
      return { columns: rows.columns, returns: "rows", changes };
    }
    const done = statement.run(...values);
    if (!changesRows(sql, syntax)) return { columns: [], returns: "nothing", changes };
    changes = Number(done.changes);
    return { columns: [], returns: "changes", changes };
  },
  fetch() {
    const batch = rows?.next();
    if (batch === undefined && rows) {
      finish();
      if (changesRows(text, syntax)) changes = Number(Object.values(database!.prepare("select changes()").get()!)[0]);
    }
    return batch;
  },
  finish,
  insert({ table, columns, batch }) {
    text = "";
    insertBatch(database!, table, columns, ownBatch(batch), checkpoint);
  },
  close() {
    finish();
    database?.close();
  },
};

function finish(): void {
  const open = rows;
  rows = undefined;
  open?.close();
}

/** Watches over this process: the one that started it may end at any moment, and what is under way is to end then. */
function watch({ folder }: Opening): void {
  const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
  const watcher = new Worker(new URL(`./watch-worker.${extension}`, import.meta.url), {
    name: "sqlite watch",
    workerData: { stopped, folder },
    execArgv: [],
  });
  watcher.on("error", (error) => {
    throw error;
  });
}

/** Tries to prepare a text, for the place of an error. */
function tryPrepare(sql: string): string | undefined {
  try {
    database?.prepare(sql);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

function toFailure(error: unknown): Failure {
  if (error instanceof Misfit) return error.failure;
  const isWithin = database?.isOpen === true && database.isTransaction && firstWord(text, syntax) !== "commit";
  return describeFailure(error as Error, text, { tryPrepare, isWithin });
}

function answer({ name, params }: Request): { result: unknown } | { failure: Failure } | { interrupted: true } {
  try {
    return { result: handlers[name](params as never) };
  } catch (error) {
    const outcome = error instanceof Interrupted ? { interrupted: true as const } : { failure: toFailure(error) };
    if (name !== "insert") finish();
    return outcome;
  }
}

process.on("message", (request: Request) => {
  current = request.id;
  const outcome = answer(request);
  const isOpen = database?.isOpen === true;
  const reply: Reply = { ...outcome, id: request.id, changes, inTransaction: isOpen && database!.isTransaction };
  process.send!(reply);
});
