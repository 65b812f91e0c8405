import { isDeepStrictEqual } from "node:util";
import type { Batch, Column } from "../../columnar/columnar.ts";
import { SqlFailure } from "../engine.ts";
import { postgresSyntax } from "../lexer.ts";
import { firstWord } from "../statement-effects.ts";
import { type FieldDescription, readFields, readNotice, says } from "./backend.ts";
import { UnfitValue, readInt32, type Writer } from "./columns/writer.ts";
import { rolledBackFailure, toFailure, unfitFailure } from "./errors.ts";
import { Messages } from "./frontend.ts";
import { type Command, type Exchange, readCommand } from "./reply.ts";
import type { Wire } from "./wire.ts";

/** A column of a result, with what collects it. */
export interface ResultColumn {
  readonly name: string;
  readonly writer: Writer;
}

/** The first batch is to be seen soon; later ones are large enough that their own cost vanishes. */
const firstRows = 2048;
const laterRows = 1 << 16;
/** A batch ends before its offsets of 32 bits do. */
const mostBytes = 1 << 26;
/** Where rows come slowly, those that are there are given after so long. */
const patienceMs = 250;

/** The class of errors of a statement that does not fit the tables. */
const syntaxOrAccess = "42";

/** What a running statement is told. */
export interface ExecutionOptions {
  readonly sql: string;
  readonly columns: readonly ResultColumn[];
  /** What the columns were when the statement was described; undefined where it gives no rows. */
  readonly fields: readonly FieldDescription[] | undefined;
  /** Why the transaction in which it runs has failed before. */
  readonly failedBecause: string | undefined;
  /** The server sends a batch's rows only when it is asked for the batch, and can be left without a cancel. */
  readonly inPortions: boolean;
}

/** A statement that runs: takes its rows into columns, batch by batch. */
export class Execution implements Exchange {
  readonly over: Promise<void>;
  /** Rows that have come. */
  rows = 0;
  changes: number | undefined;
  isOver = false;
  /** The server has described other columns than before. */
  hasChanged = false;
  /** Settled once the server has said what the columns are, or why there are none. */
  readonly described: Promise<void>;
  private readonly tellDescribed: () => void;
  private readonly wire: Wire;
  private readonly options: ExecutionOptions;
  private readonly columns: readonly ResultColumn[];
  private readonly end: () => void;
  private failure: Error | undefined;
  /** Rows in the batch that is being filled, its bytes, and when it was begun. */
  private filled = 0;
  private bytes = 0;
  private beganAt = 0;
  private most: number = firstRows;
  /** A full batch that nobody has asked for yet. */
  private ready: Batch | undefined;
  private waiting: (() => void) | undefined;
  private isAbandoned = false;
  /** The server waits to be asked for more rows. */
  private isSuspended = false;
  /** It has said how the statement ended. */
  private isComplete = false;

  constructor(wire: Wire, options: ExecutionOptions) {
    this.wire = wire;
    this.options = options;
    this.columns = options.columns;
    ({ promise: this.over, resolve: this.end } = Promise.withResolvers<void>());
    ({ promise: this.described, resolve: this.tellDescribed } = Promise.withResolvers<void>());
  }

  /** Rows that the first Execute is to ask for; 0 for all. */
  get portion(): number {
    return this.options.inPortions ? this.most : 0;
  }

  /** The server takes it for another statement than it was when it was described, which was some time ago. */
  get isOutdated(): boolean {
    const code = this.failure instanceof SqlFailure ? this.failure.code : undefined;
    return this.hasChanged || (this.isOver && code?.startsWith(syntaxOrAccess) === true);
  }

  /** Waits for a batch; undefined at the end. Rejects with what went wrong, once the server is ready again. */
  async next(): Promise<Batch | undefined> {
    await this.settle();
    const { ready } = this;
    this.ready = undefined;
    if (ready !== undefined && this.failure === undefined) {
      // The next one is filled meanwhile.
      this.wire.resume();
      return ready;
    }
    await this.over;
    if (this.failure) throw this.failure;
    return undefined;
  }

  /** Waits until a batch is there, or the end. */
  async settle(): Promise<void> {
    if (this.ready !== undefined || this.isOver) return;
    if (this.isSuspended) this.askForMore();
    const { promise, resolve } = Promise.withResolvers<void>();
    this.waiting = resolve;
    await promise;
  }

  /** The columns, as far as what has come settles them. */
  describe(): Column[] {
    return this.columns.map(({ name, writer }) => ({ name, type: writer.type() }));
  }

  message(type: number, bytes: Buffer, start: number, end: number): boolean {
    switch (type) {
      case says.dataRow:
        return !this.isAbandoned && this.takeRow(bytes, start, end);
      case says.rowDescription:
        this.compare(readFields(bytes, start));
        break;
      case says.noData:
        this.compare(undefined);
        break;
      case says.commandComplete:
        this.takeCommand(readCommand(bytes, start));
        this.complete();
        break;
      case says.emptyQuery:
        this.complete();
        break;
      case says.portalSuspended:
        this.isSuspended = true;
        if (this.isAbandoned) this.leavePortal();
        else this.give();
        break;
      case says.error:
        this.failure ??= toFailure(readNotice(bytes, start), this.options.sql);
        this.isComplete = true;
        if (this.options.inPortions) this.wire.send(new Messages().sync().finish());
        break;
      case says.copyIn:
        this.refuse(copyFromStdin);
        // What was sent behind the statement does not count while it waits for data.
        this.wire.send(new Messages().copyFail("%sql sends no data").sync().finish());
        break;
      case says.copyOut:
        this.refuse(copyToStdout);
        break;
      case says.ready:
        this.finish();
        break;
      default: // ParseComplete and the like
    }
    return false;
  }

  pause(): void {
    if (this.waiting && this.filled > 0 && performance.now() - this.beganAt > patienceMs && !this.options.inPortions)
      this.give();
  }

  lost(failure: SqlFailure): void {
    this.failure ??= failure;
    this.finish();
  }

  abandon(): boolean {
    this.isAbandoned = true;
    this.ready = undefined;
    if (this.isOver) return false;
    const wasSuspended = this.isSuspended;
    if (wasSuspended) this.leavePortal();
    this.wire.resume();
    return !wasSuspended && !this.isComplete;
  }

  /** A table may have been altered since the statement was described; its values are then not what the columns expect. */
  private compare(fields: readonly FieldDescription[] | undefined): void {
    this.tellDescribed();
    if (isDeepStrictEqual(fields, this.options.fields)) return;
    this.hasChanged = true;
    this.refuse(
      new SqlFailure("FeatureNotSupported", "the columns of the result have changed since the statement was last run", {
        code: "0A000",
        hint: "Run it again.",
      }),
    );
  }

  private takeRow(bytes: Buffer, start: number, end: number): boolean {
    const { columns } = this;
    if (this.filled === 0) this.beganAt = performance.now();
    let i = 0;
    try {
      let at = start + 2; // behind the number of columns
      for (; i < columns.length; i++) {
        const length = readInt32(bytes, at);
        at += 4;
        if (length < 0) columns[i]!.writer.writeNull();
        else {
          columns[i]!.writer.write(bytes, at, length);
          at += length;
        }
      }
    } catch (error) {
      this.refuse(error instanceof UnfitValue ? unfitFailure(columns[i]!.name, error.message) : (error as Error));
      return false;
    }
    this.rows++;
    this.filled++;
    this.bytes += end - start;
    if (this.filled < this.most && this.bytes < mostBytes) return false;
    // The server has sent its portion; it says so next.
    if (this.options.inPortions && this.filled === this.most) return false;
    this.give();
    return this.ready !== undefined && this.waiting === undefined;
  }

  /** Gives a full batch to whom waits for it, or keeps it. */
  private give(): void {
    if (this.filled > 0) {
      this.ready = { length: this.filled, columns: this.columns.map(({ writer }) => writer.finish()) };
      this.filled = 0;
      this.bytes = 0;
      this.most = laterRows;
    } else if (this.isSuspended) {
      this.askForMore();
      return;
    }
    this.wake();
  }

  private wake(): void {
    const { waiting } = this;
    this.waiting = undefined;
    waiting?.();
  }

  private complete(): void {
    this.isComplete = true;
    if (!this.isAbandoned && this.filled > 0) this.give();
    if (this.options.inPortions) this.wire.send(new Messages().sync().finish());
  }

  private finish(): void {
    this.isOver = true;
    this.isComplete = true;
    this.tellDescribed();
    this.end();
    this.wake();
  }

  /** A transaction that has failed is not committed, and the server tells that by the word alone. */
  private takeCommand({ tag, changes }: Command): void {
    this.changes = changes;
    const { sql, failedBecause } = this.options;
    if (tag === "ROLLBACK" && /^(?:commit|end|prepare)$/.test(firstWord(sql, postgresSyntax)))
      this.failure ??= rolledBackFailure(failedBecause);
  }

  private askForMore(): void {
    this.isSuspended = false;
    this.wire.send(new Messages().execute(this.most).flush().finish());
  }

  private leavePortal(): void {
    this.isSuspended = false;
    this.isComplete = true;
    this.wire.send(new Messages().closePortal().sync().finish());
  }

  /** Wants no more of a result, and says why. */
  private refuse(failure: Error): void {
    this.failure ??= failure;
    this.isAbandoned = true;
    this.onRefused?.();
  }

  /** Has the server stop; set by the session. */
  onRefused: (() => void) | undefined;
}

const copyFromStdin = new SqlFailure("FeatureNotSupported", "copy … from stdin has no input in a cell", {
  code: "0A000",
  hint: "%sql --persist NAME as TABLE writes a table of the notebook into the database, as fast as copy does.",
});
const copyToStdout = new SqlFailure("FeatureNotSupported", "copy … to stdout gives no table", {
  code: "0A000",
  hint: "Run the select itself; %%sql --into FILE.parquet (or .csv) writes its rows into a file.",
});
