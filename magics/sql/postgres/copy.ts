import type { Batch, Column } from "../../columnar/columnar.ts";
import { readColumn } from "../../columnar/column-values.ts";
import type { SqlFailure } from "../engine.ts";
import { isValid } from "../../columnar/validity.ts";
import { type FieldDescription, readNotice, says } from "./backend.ts";
import { createEncoder, type Encoder } from "./copy-binary.ts";
import { CopyBuffer } from "./copy-buffer.ts";
import { escapeField, toPostgresText } from "./copy-text.ts";
import { toFailure } from "./errors.ts";
import { Messages } from "./frontend.ts";
import { type Exchange, readCommand } from "./reply.ts";
import type { TypeCatalog } from "./types.ts";
import type { Wire } from "./wire.ts";

/** Where rows are copied to. */
export interface CopyTarget {
  /** The table and its columns, as SQL. */
  readonly table: string;
  readonly list: string;
  readonly columns: readonly Column[];
  /** The columns of the table, as the server describes them. */
  readonly fields: readonly FieldDescription[];
  readonly catalog: TypeCatalog;
}

/** A COPY into a table. */
export class Copy implements Exchange {
  readonly over: Promise<void>;
  /** Resolves when the server takes rows, or has said why it does not. */
  readonly opened: Promise<void>;
  readonly sql: string;
  isOver = false;
  private readonly wire: Wire;
  private readonly target: CopyTarget;
  private readonly encoders: readonly Encoder[] | undefined;
  private readonly end: () => void;
  private readonly open: () => void;
  private failure: SqlFailure | undefined;
  private rows = 0;

  constructor(wire: Wire, target: CopyTarget) {
    this.wire = wire;
    this.target = target;
    const encoders = target.columns.map(({ type }, i) =>
      createEncoder(type, target.fields[i]?.type ?? 0, target.catalog),
    );
    // One column that needs the server's casts makes all go as text.
    this.encoders = encoders.every((encoder) => encoder !== undefined) ? encoders : undefined;
    this.sql = `copy ${target.table} (${target.list}) from stdin${this.encoders ? " (format binary)" : ""}`;
    const over = Promise.withResolvers<void>();
    const opened = Promise.withResolvers<void>();
    this.over = over.promise;
    this.opened = opened.promise;
    this.end = over.resolve;
    this.open = opened.resolve;
  }

  /** Sends all rows; returns their number. */
  async run(batches: AsyncIterable<Batch>): Promise<number> {
    await this.opened;
    const out = new CopyBuffer();
    if (this.encoders) for (const byte of binaryHeader) out.bytes[out.extend(1)] = byte;
    const iterator = batches[Symbol.asyncIterator]();
    while (!this.isOver) {
      // The server may refuse a row while the next ones are waited for.
      const next = await Promise.race([iterator.next(), this.over]);
      if (!next || next.done) break;
      await (this.encoders ? this.sendBinary(next.value, out, this.encoders) : this.sendText(next.value, out));
    }
    if (!this.isOver) {
      if (this.encoders) out.int16(-1);
      this.flush(out);
      this.wire.send(new Messages().copyDone().finish());
    }
    await this.over;
    if (this.failure) throw this.failure;
    return this.rows;
  }

  message(type: number, bytes: Buffer, start: number): boolean {
    if (type === says.copyIn) this.open();
    else if (type === says.error) this.failure ??= toFailure(readNotice(bytes, start), "");
    else if (type === says.commandComplete) this.rows = readCommand(bytes, start).changes ?? 0;
    else if (type === says.ready) this.finish();
    return false;
  }

  lost(failure: SqlFailure): void {
    this.failure ??= failure;
    this.finish();
  }

  abandon(): boolean {
    if (this.isOver) return false;
    this.wire.send(new Messages().copyFail("the rows' source has ended").finish());
    // It may wait for a lock, or be in a trigger.
    return true;
  }

  private finish(): void {
    this.isOver = true;
    this.end();
    this.open();
  }

  private flush(out: CopyBuffer): void {
    const message = out.finish();
    if (message) this.wire.send(message);
  }

  private async sendBinary(batch: Batch, out: CopyBuffer, encoders: readonly Encoder[]): Promise<void> {
    const { columns, length } = batch;
    const appends = columns.map((data, i) => encoders[i]!(data, out));
    const bits = columns.map((data, i) =>
      this.target.columns[i]!.type.kind === "null" ? new Uint8Array((length + 7) >> 3) : data.validity,
    );
    const count = columns.length;
    for (let row = 0; row < length && !this.isOver; row++) {
      out.int16(count);
      for (let i = 0; i < count; i++) {
        const validity = bits[i];
        if (validity === undefined || isValid(validity, row)) appends[i]!(row);
        else out.int32(-1);
      }
      if (out.isFull) {
        this.flush(out);
        await this.wire.drained();
      }
    }
  }

  private async sendText(batch: Batch, out: CopyBuffer): Promise<void> {
    const types = this.target.columns.map(({ type }) => type);
    const reads = batch.columns.map((data, i) => readColumn(types[i]!, data));
    for (let row = 0; row < batch.length && !this.isOver; row++) {
      const fields = reads.map((read, i) => {
        const value = read(row);
        return value === null || value === undefined ? String.raw`\N` : escapeField(toPostgresText(types[i]!, value));
      });
      out.text(`${fields.join("\t")}\n`);
      if (out.isFull) {
        this.flush(out);
        await this.wire.drained();
      }
    }
  }
}

/** The signature, no flags, no more header. */
const binaryHeader = Buffer.from("PGCOPY\n\u00ff\r\n\0\0\0\0\0\0\0\0\0", "latin1");
