import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { Contents, HistoryRow } from "../protocol/contents.ts";
import type { PastCell } from "../runtime/link.ts";

type HistoryRequest = Contents["history_request"];

/** The cells of this and earlier sessions, in one SQLite file that kernels share. */
export interface History extends Disposable {
  /** Number of this session, one more than the last. */
  readonly session: number;
  /** Keeps a cell and the plain text of its result, if it had one. */
  add(count: number, source: string, output: string | undefined): void;
  /** Changes the texts of this session's cells, and leaves nothing of what they were in the file. */
  redact(change: (text: string) => string): void;
  /** The last cells of this session, oldest first. */
  recent(limit: number): readonly PastCell[];
  /** Answers a `history_request`. */
  query(request: HistoryRequest): readonly HistoryRow[];
}

const schema = `
  pragma journal_mode = wal;
  pragma synchronous = off;
  pragma busy_timeout = 2000;
  pragma secure_delete = on;
  create table if not exists sessions (session integer primary key, started text not null);
  create table if not exists cells (
    session integer not null, line integer not null, source text not null, output text,
    primary key (session, line)
  ) without rowid;
`;

// One number that orders cells of all sessions in time.
const moment = "(session * 1000000000 + line)";

/** Opens the history at `path`, made when it is missing; `:memory:` keeps it for this session only. */
export function openHistory(path: string): History {
  if (path !== ":memory:") mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const db = new DatabaseSync(path);
  db.exec(schema);
  const started = new Date().toISOString();
  const session = Number(db.prepare("insert into sessions (started) values (?)").run(started).lastInsertRowid);
  const insert = db.prepare("insert or replace into cells (session, line, source, output) values (?, ?, ?, ?)");

  function select(where: string, parameters: (string | number)[], request: HistoryRequest): HistoryRow[] {
    const rows = db.prepare(`select session, line, source, output from cells ${where}`).all(...parameters);
    return rows.map(({ session: from, line, source, output }) => [
      Number(from),
      Number(line),
      request.output ? [String(source), output === null ? null : String(output)] : String(source),
    ]);
  }

  /** The last `n` cells, oldest first. */
  function tail(request: HistoryRequest): HistoryRow[] {
    return select("order by session desc, line desc limit ?", [request.n ?? 10], request).toReversed();
  }

  function search(request: HistoryRequest): HistoryRow[] {
    const newest = request.unique
      ? `and ${moment} in (select max(${moment}) from cells where source glob ? group by source)`
      : "";
    const pattern = request.pattern ?? "*";
    const parameters = request.unique ? [pattern, pattern] : [pattern];
    const where = `where source glob ? ${newest} order by session desc, line desc limit ?`;
    return select(where, [...parameters, request.n ?? -1], request).toReversed();
  }

  /** Lines from `start` up to, not including, `stop` of a session: 0 is this one, -1 the one before. */
  function range({ session: asked = 0, start = 0, stop, ...request }: HistoryRequest): HistoryRow[] {
    const wanted = asked > 0 ? asked : session + asked;
    const end = stop ?? Number.MAX_SAFE_INTEGER;
    return select("where session = ? and line >= ? and line < ? order by line", [wanted, start, end], {
      ...request,
    });
  }

  return {
    session,
    add: (count, source, output) => void insert.run(session, count, source, output ?? null),
    redact(change) {
      let changed = false;
      const rows = db.prepare("select line, source, output from cells where session = ?").all(session);
      for (const { line, source, output } of rows) {
        const cleanSource = change(String(source));
        const cleanOutput = output === null ? null : change(String(output));
        if (cleanSource === source && cleanOutput === output) continue;
        insert.run(session, Number(line), cleanSource, cleanOutput);
        changed = true;
      }
      // The log that SQLite writes ahead has the old texts too.
      if (changed) db.exec("pragma wal_checkpoint(truncate)");
    },
    recent: (limit) =>
      select("where session = ? order by line desc limit ?", [session, limit], { hist_access_type: "tail" })
        .map(([from, count, source]) => ({ session: from, count, source: String(source) }))
        .toReversed(),
    query: (request) => ({ tail, search, range })[request.hist_access_type](request),
    [Symbol.dispose]: () => db.close(),
  };
}
