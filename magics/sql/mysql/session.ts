import type { ConnectionOptions } from "../../connections/options.ts";
import type { Batch } from "../../columnar/columnar.ts";
import { type BoundStatement, SqlFailure, type SqlResult, type SqlSession } from "../engine.ts";
import { isFailure } from "../failure.ts";
import { changesRows, changesTables } from "../statement-effects.ts";
import { connect } from "./connect.ts";
import { type Execution, execute } from "./execution.ts";
import { lost, toFailure } from "./failure.ts";
import { type Inserter, insertBatch } from "./insert.ts";
import { executeMessage, queryMessage } from "./messages.ts";
import { PreparedStatements, readEnums } from "./prepare.ts";
import { LongTime } from "./moment-readers.ts";
import { syntax } from "./syntax.ts";
import { stopQuery, withinMs } from "./stop.ts";
import { type WireConnection, inTransactionFlag, serverVersion } from "./wire.ts";

/** What makes a session such as the dialect says: texts in UTF-8, times by UTC, quotes as MySQL's own. */
const setup = `set names utf8mb4, time_zone = '+00:00', sql_mode = concat_ws(',', 'STRICT_TRANS_TABLES',
nullif(trim(both ',' from replace(replace(concat(',', @@sql_mode, ','), ',ANSI_QUOTES,', ','), ',NO_BACKSLASH_ESCAPES,', ',')), ''))`;
/** Places are found by the texts of errors. A server may lack the language, or the setting. */
const inEnglish = `${setup}, lc_messages = 'en_US'`;

/** Rows that are left in a result which nobody reads may be few: so long it is read away before it is stopped. */
const readAwayMs = 20;

/** Opens a session. */
export async function openSession(options: ConnectionOptions, signal: AbortSignal): Promise<SqlSession> {
  const connection = await connect(options, signal);
  const session = new MysqlSession(connection, options);
  try {
    await session.run(inEnglish, signal).catch((error: unknown) => {
      if (!isFailure(error) || error.isDisconnect) throw error;
      return session.run(setup, signal);
    });
    return session;
  } catch (error) {
    connection.destroy();
    throw error;
  }
}

class MysqlSession implements SqlSession {
  readonly version: string;
  private readonly connection: WireConnection;
  private readonly options: ConnectionOptions;
  private readonly statements: PreparedStatements;
  private status = 0;
  private loss: SqlFailure | undefined;
  private current: Execution | undefined;
  /** Statements wait for one that is being stopped. */
  private stopping: Promise<void> = Promise.resolve();

  constructor(connection: WireConnection, options: ConnectionOptions) {
    this.connection = connection;
    this.options = options;
    this.statements = new PreparedStatements(connection);
    this.version = describeVersion(serverVersion(connection));
    const lose = (error?: Error): void => {
      this.loss ??= lost(error ?? new Error("the server closed it"));
    };
    connection.on("error", lose);
    connection.on("end", lose);
    connection.stream.unref();
  }

  get isOpen(): boolean {
    return this.loss === undefined;
  }

  get inTransaction(): boolean {
    return this.isOpen && (this.status & inTransactionFlag) !== 0;
  }

  async start({ sql, values }: BoundStatement, signal: AbortSignal): Promise<SqlResult> {
    await this.stopping;
    signal.throwIfAborted();
    if (this.loss) throw this.loss;
    const end = this.begin();
    try {
      const execution = await this.stoppable(signal, () => this.send({ sql, values }, signal));
      const head = await this.stoppable(signal, () => execution.started, execution);
      this.status = execution.status || this.status;
      const { columns, described, affectedRows } = head;
      this.statements.compare(sql, described);
      const returnsRows = columns.length > 0;
      if (!returnsRows) {
        await execution.ended;
        ({ status: this.status } = execution);
        if (changesTables(sql, syntax)) this.statements.clear();
        end();
      }
      return {
        columns,
        returns: returnsRows ? "rows" : changesRows(sql, syntax) ? "changes" : "nothing",
        changes: () => (changesRows(sql, syntax) ? affectedRows : undefined),
        notices: () => execution.notices(),
        batches: this.batches(execution, sql, signal, end),
      };
    } catch (error) {
      end();
      throw this.explain(error, sql, signal);
    }
  }

  async insert(...[table, columns, batches, signal]: Parameters<SqlSession["insert"]>): Promise<number> {
    const mostBytes = await this.readMostBytes(signal);
    const inserter: Inserter = {
      mostBytes,
      prepare: async (sql) => (await this.stoppable(signal, () => this.statements.prepare(sql)))!,
      change: async (message) => {
        const execution = execute(this.connection, message, "binary", new Map());
        this.current = execution;
        await this.stoppable(signal, () => execution.started, execution);
        this.status = execution.status;
      },
    };
    let rows = 0;
    for await (const batch of batches) {
      const end = this.begin();
      try {
        await insertBatch(inserter, table, columns, batch);
      } catch (error) {
        throw this.explain(error, `insert into ${table}`, signal);
      } finally {
        end();
      }
      rows += batch.length;
    }
    return rows;
  }

  private async readMostBytes(signal: AbortSignal): Promise<number> {
    const { batches } = await this.start({ sql: "select @@max_allowed_packet", values: [] }, signal);
    let most = 0;
    for await (const { columns } of batches)
      most = Number(new BigInt64Array(columns[0]!.values!.buffer as ArrayBuffer)[0]);
    // A message has headers beside its bytes.
    return most - 1024;
  }

  async ping(signal: AbortSignal): Promise<void> {
    await this.run("do 0", signal);
  }

  progress(): { readonly rows: number; readonly total: undefined } {
    return { rows: this.current?.rows ?? 0, total: undefined };
  }

  async close(): Promise<void> {
    // The server would go on with what runs.
    if (this.isOpen && this.current) await this.stop(this.current);
    const { isOpen } = this;
    this.loss ??= lost(new Error("it was closed"));
    if (isOpen) this.connection.end();
    else this.connection.destroy();
  }

  /** Runs a statement to its end. */
  async run(sql: string, signal: AbortSignal): Promise<void> {
    const { batches } = await this.start({ sql, values: [] }, signal);
    for await (const _ of batches);
  }

  private async send({ sql, values }: BoundStatement, signal: AbortSignal): Promise<Execution> {
    const { connection } = this;
    const prepared = await this.statements.prepare(sql);
    signal.throwIfAborted();
    if (!prepared) {
      if (values.length > 0)
        throw new SqlFailure("CannotBind", "the server takes no bound values in such a statement", {
          hint: "Write the values into the SQL, with sql.raw(text) for what you made yourself",
        });
      return (this.current = execute(connection, queryMessage(sql), "text", new Map()));
    }
    if (prepared.parameters !== values.length)
      throw new SqlFailure(
        "WrongNumberOfValues",
        `the statement has places for ${prepared.parameters} values, and is given ${values.length}`,
        { hint: "Write a ? of your own as a text, '?'" },
      );
    const enums = await readEnums(connection, prepared.columns);
    signal.throwIfAborted();
    return (this.current = execute(connection, executeMessage(prepared.id, values), "binary", enums));
  }

  private async *batches(
    execution: Execution,
    sql: string,
    signal: AbortSignal,
    end: () => void,
  ): AsyncGenerator<Batch, void> {
    try {
      for (;;) {
        const batch = await this.stoppable(signal, () => execution.next(), execution);
        this.status = execution.status || this.status;
        if (!batch) return;
        yield batch;
      }
    } catch (error) {
      throw this.explain(error, sql, signal);
    } finally {
      if (!execution.isEnded) await this.leave(execution);
      this.status = execution.status || this.status;
      end();
    }
  }

  /** Waits for a part of a statement; when the signal is aborted, the statement is stopped in the server. */
  private async stoppable<T>(signal: AbortSignal, work: () => Promise<T>, execution?: Execution): Promise<T> {
    signal.throwIfAborted();
    const { promise, reject } = Promise.withResolvers<never>();
    const abort = (): void => {
      this.stop(execution ?? this.current).then(
        () => reject(signal.reason),
        () => reject(signal.reason),
      );
    };
    signal.addEventListener("abort", abort, { once: true });
    const working = work();
    working.catch(() => {});
    try {
      return await Promise.race([
        promise,
        working.catch((error: unknown) => (signal.aborted ? promise : Promise.reject(error as Error))),
      ]);
    } finally {
      signal.removeEventListener("abort", abort);
    }
  }

  /** Ends a result that is not read on: by reading it away where that is quick. */
  private async leave(execution: Execution): Promise<void> {
    execution.discard();
    await withinMs(execution.ended, readAwayMs);
    if (!execution.isEnded) await this.stop(execution);
  }

  /** Stops what the session does, in the server; where that takes too long, the connection is given up. */
  private stop(execution: Execution | undefined): Promise<void> {
    const stopped = this.kill(execution);
    this.stopping = stopped;
    return stopped;
  }

  private async kill(execution: Execution | undefined): Promise<void> {
    if (this.loss || execution?.isEnded) return;
    execution?.discard();
    if (await stopQuery(this.connection, this.options, execution)) return;
    this.loss = lost(new Error("the statement could not be stopped in time"));
    this.connection.destroy();
  }

  private explain(error: unknown, sql: string, signal: AbortSignal): unknown {
    if (signal.aborted) return signal.reason;
    if (error instanceof SqlFailure) return error;
    if (error instanceof LongTime)
      return new SqlFailure("MixedColumn", error.message, {
        hint: `Read it as text: cast(${error.column} as char)`,
      });
    const failure = toFailure(error, sql, this.version.startsWith("MariaDB"));
    if (failure?.isDisconnect) this.loss ??= failure;
    return failure ?? error;
  }

  /** The process waits for the connection while a statement is under way only. */
  private begin(): () => void {
    this.connection.stream.ref();
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      this.current = undefined;
      this.connection.stream.unref();
    };
  }
}

/** `5.5.5-10.11.19-MariaDB-0+deb12u1` is MariaDB 10.11.19; its first part is for old clients. */
function describeVersion(text: string): string {
  const [, mariadb] = /(\d+\.\d+\.\d+)-MariaDB/i.exec(text) ?? [];
  return mariadb === undefined ? `MySQL ${/^[\d.]+/.exec(text)?.[0] ?? text}` : `MariaDB ${mariadb}`;
}
