import type { Batch, Column } from "../../columnar/columnar.ts";
import { type BoundStatement, SqlFailure, type SqlResult, type SqlSession } from "../engine.ts";
import { postgresSyntax } from "../lexer.ts";
import { onlyReads } from "../statement-effects.ts";
import type { FieldDescription } from "./backend.ts";
import type { LookedUp } from "./catalog.ts";
import { Channel } from "./channel.ts";
import type { Connected } from "./connect.ts";
import { Copy } from "./copy.ts";
import { Execution } from "./execution.ts";
import { Messages } from "./frontend.ts";
import { betterType, declaredType, toWireValue } from "./parameters.ts";
import type { Description } from "./reply.ts";
import { createWriter, isBinary, isSettledByValues } from "./types.ts";

/** A statement that the server has described, with the types its values are sent with. */
interface Prepared extends Description {
  readonly declared: readonly number[];
}

/** A statement that runs. */
interface Running {
  readonly execution: Execution;
  /** Undefined where it gives no rows. */
  readonly fields: readonly FieldDescription[] | undefined;
  /** It was described some time ago. */
  readonly isKnown: boolean;
}

/** Statements whose description is kept, so that they need one round trip when they come again. */
const mostPrepared = 200;
/** One connection to PostgreSQL. */
export class PostgresSession implements SqlSession {
  readonly version: string;
  private readonly channel: Channel;
  private readonly catalog: LookedUp;
  private readonly major: number;
  private readonly prepared = new Map<string, Prepared>();
  private running: Execution | undefined;

  constructor(connected: Connected, catalog: LookedUp) {
    this.channel = new Channel(connected);
    this.catalog = catalog;
    const version = connected.settings.get("server_version") ?? "";
    this.version = `PostgreSQL ${version.split(" ")[0]}`;
    this.major = Number.parseInt(version, 10);
  }

  get isOpen(): boolean {
    return this.channel.isOpen;
  }

  get inTransaction(): boolean {
    return this.channel.inTransaction;
  }

  async start({ sql, values }: BoundStatement, signal: AbortSignal): Promise<SqlResult> {
    if (sql.includes("\0")) throw nulInStatement();
    const notices = this.channel.collectNotices();
    const { execution, fields } = await this.runAnew(sql, values, signal);
    const undetermined = fields?.some(({ type }) => isSettledByValues(type, this.catalog)) ?? false;
    if (undetermined) await this.channel.guard(execution, signal, () => execution.settle());
    // What it changes is known when it ends; an error of it is told here.
    if (fields === undefined) {
      await this.channel.guard(execution, signal, () => execution.next());
      // It may have altered tables and types.
      if (execution.changes === undefined) this.prepared.clear();
    }
    return {
      columns: execution.describe(),
      returns: fields === undefined ? (execution.changes === undefined ? "nothing" : "changes") : "rows",
      changes: () => (fields !== undefined && /^\s*select\b/i.test(sql) ? undefined : execution.changes),
      notices: () => notices,
      batches: this.batchesOf(execution, signal),
    };
  }

  async insert(
    table: string,
    columns: readonly Column[],
    batches: AsyncIterable<Batch>,
    signal: AbortSignal,
  ): Promise<number> {
    const list = columns.map(({ name }) => `"${name.replaceAll('"', '""')}"`).join(", ");
    this.prepared.clear(); // another session may have altered the table
    const { fields = [] } = await this.describe(`select ${list} from ${table}`, [], signal);
    await this.learn(fields, signal);
    const copy = new Copy(this.channel.wire, { table, list, columns, fields, catalog: this.catalog });
    this.channel.begin(copy, new Messages().query(copy.sql));
    return this.channel.guard(copy, signal, async () => {
      try {
        return await copy.run(batches);
      } finally {
        // The source, or a value of it, has failed.
        if (!copy.isOver) await this.channel.stop(copy);
      }
    });
  }

  async ping(signal: AbortSignal): Promise<void> {
    await this.channel.ask("", new Messages().query(""), signal);
  }

  /** Runs a statement of ours that gives nothing. */
  async command(sql: string, signal: AbortSignal): Promise<void> {
    await this.channel.ask(sql, new Messages().query(sql), signal);
  }

  progress(): { readonly rows: number; readonly total: undefined } {
    return { rows: this.running?.rows ?? 0, total: undefined };
  }

  close(): Promise<void> {
    return this.channel.close();
  }

  /** Runs a statement; where another session has altered its tables since it was described, once more. */
  private async runAnew(sql: string, values: BoundStatement["values"], signal: AbortSignal): Promise<Running> {
    const { inTransaction } = this;
    const running = await this.run(sql, values, signal);
    if (!running.isKnown) return running;
    const { execution } = running;
    await this.channel.guard(execution, signal, () => execution.described);
    if (!execution.isOutdated) return running;
    this.prepared.clear();
    // In a transaction the failure may have ended it.
    if (inTransaction) return running;
    await execution.over;
    await this.channel.settled();
    return this.run(sql, values, signal);
  }

  private async run(sql: string, values: BoundStatement["values"], signal: AbortSignal): Promise<Running> {
    const prepared = await this.prepare(sql, values, signal);
    const { fields } = prepared;
    const wireValues = values.map((value, i) => toWireValue(value, prepared.parameters[i] ?? 0));
    const columns = (fields ?? []).map(({ name, type, modifier }) => ({
      name,
      writer: createWriter(type, modifier, this.catalog),
    }));
    const formats = (fields ?? []).map(({ type }) => (isBinary(type, this.catalog) ? 1 : 0));
    // A portal that is left needs no cancel, which would spoil a transaction or undo what was changed; but asking for
    // portions keeps the server from working in parallel.
    const inPortions = fields !== undefined && (this.inTransaction || !onlyReads(sql, postgresSyntax));
    const { failedBecause } = this.channel;
    const execution = new Execution(this.channel.wire, { sql, columns, fields, inPortions, failedBecause });
    this.running = execution;
    const messages = new Messages()
      .parse(sql, prepared.declared)
      .describe()
      .bind(wireValues, formats.every((format) => format === 1) ? [1] : formats)
      .execute(execution.portion);
    this.channel.begin(execution, inPortions ? messages.flush() : messages.sync());
    execution.onRefused = () => {
      // What has come already may hold its end.
      queueMicrotask(() => {
        if (!execution.isOver) void this.channel.stop(execution);
      });
    };
    return { execution, fields, isKnown: prepared.isKnown };
  }

  /** Has a statement described, with types that hold its values; at once where it was before. */
  private async prepare(
    sql: string,
    values: BoundStatement["values"],
    signal: AbortSignal,
  ): Promise<Prepared & Pick<Running, "isKnown">> {
    signal.throwIfAborted();
    const declared = values.map(declaredType);
    const isKnown = this.prepared.has(keyOf(sql, declared));
    const first = await this.describe(sql, declared, signal);
    const better = values.map((value, i) => betterType(value, first.parameters[i] ?? 0));
    const prepared = better.every((type) => type === undefined)
      ? first
      : await this.describe(
          sql,
          declared.map((type, i) => better[i] ?? type),
          signal,
        );
    if (prepared.fields) await this.learn(prepared.fields, signal);
    return { ...prepared, isKnown };
  }

  private async describe(sql: string, declared: readonly number[], signal: AbortSignal): Promise<Prepared> {
    const key = keyOf(sql, declared);
    const known = this.prepared.get(key);
    if (known) return known;
    const messages = new Messages().parse(sql, declared).describe().sync();
    const prepared = { ...(await this.channel.ask(sql, messages, signal)), declared };
    // What changes rows and gives some must not have begun when it turns out that its table was altered.
    if (prepared.fields && !onlyReads(sql, postgresSyntax)) return prepared;
    this.prepared.set(key, prepared);
    if (this.prepared.size > mostPrepared) this.prepared.delete(this.prepared.keys().next().value!);
    return prepared;
  }

  private async learn(fields: readonly FieldDescription[], signal: AbortSignal): Promise<void> {
    const ask = async (sql: string, text: string): Promise<string[]> => {
      const { execution } = await this.run(sql, [text], signal);
      const texts: string[] = [];
      for await (const batch of this.batchesOf(execution, signal)) {
        const { values, offsets } = batch.columns[0]!;
        const ends = new Int32Array(offsets!.buffer);
        for (let row = 0; row < batch.length; row++)
          texts.push(Buffer.from(values!.buffer, ends[row], ends[row + 1]! - ends[row]!).toString());
      }
      return texts;
    };
    await this.catalog.learn(
      fields.map(({ type }) => type),
      ask,
      this.major,
    );
  }

  private batchesOf(execution: Execution, signal: AbortSignal): AsyncGenerator<Batch, void> {
    const leave = async (): Promise<void> => {
      if (!execution.isOver) await this.channel.stop(execution);
    };
    const batches: AsyncGenerator<Batch, void> = {
      next: async () => {
        const value = await this.channel.guard(execution, signal, () => execution.next());
        return value === undefined ? { done: true, value } : { done: false, value };
      },
      return: async () => {
        await leave();
        return { done: true, value: undefined };
      },
      throw: async (error) => {
        await leave();
        throw error;
      },
      [Symbol.asyncIterator]: () => batches,
      [Symbol.asyncDispose]: leave,
    };
    return batches;
  }
}

function keyOf(sql: string, declared: readonly number[]): string {
  return `${declared.join(" ")} ${sql}`;
}

function nulInStatement(): SqlFailure {
  return new SqlFailure("SyntaxError", "the statement holds the character NUL (\\0), which PostgreSQL does not take", {
    code: "42601",
    hint: "Take it out of the text.",
  });
}
