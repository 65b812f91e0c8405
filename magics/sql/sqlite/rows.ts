import type { StatementSync } from "node:sqlite";
import { BytesWriter } from "../../columnar/bytes-writer.ts";
import type { ColumnWriter } from "../../columnar/column-writer.ts";
import { createWriter } from "../../columnar/column-writers.ts";
import type { Batch, Column } from "../../columnar/columnar.ts";
import type { Failure } from "./protocol.ts";
import { type Convert, type Stored, chooseType, converterOf } from "./storage.ts";

/** Rows from which the types of a result are chosen: all of a small result. */
const sampleRows = 10_000;
const batchRows = 16_384;
/** A batch ends at so many bytes of texts in one column: its offsets have 31 bits. */
const batchBytes = 64 * 1024 * 1024;

/** The rows of one statement, as batches of columns. */
export interface Rows {
  readonly columns: readonly Column[];
  /** Gives the next rows; undefined at the end. */
  next(): Batch | undefined;
  close(): void;
}

type Row = readonly Stored[];

/** Why rows ended early: a value, or the reader's wish. */
export class Misfit extends Error {
  readonly failure: Failure;

  constructor(failure: Failure) {
    super(failure.message);
    this.failure = failure;
  }
}

/** Starts to read the rows of a statement. `checkpoint` is called at every row and may throw to end it. */
export function openRows(statement: StatementSync, parameters: readonly never[], checkpoint: () => void): Rows {
  const described = statement.columns();
  statement.setReturnArrays(true);
  statement.setReadBigInts(true);
  const rows = statement.iterate(...parameters) as unknown as Iterator<Row>;
  const sample: Row[] = [];
  let atEnd = false;
  const step = (): Row | undefined => {
    checkpoint();
    const { done, value } = rows.next();
    atEnd = done === true;
    return atEnd ? undefined : (value as Row);
  };
  while (sample.length < sampleRows) {
    const row = step();
    if (!row) break;
    sample.push(row);
  }
  const columns = described.map(({ name, type }, i): Column => {
    const values = sample.map((row) => row[i]!);
    return { name: name ?? "", type: chooseType(type, values, atEnd) };
  });
  const fillers = columns.map((column) => createFiller(column));
  let taken = 0;
  let count = 0;
  return {
    columns,
    next() {
      let length = 0;
      for (; length < batchRows && fillers.every(hasRoom); length++) {
        const row = taken < sample.length ? sample[taken++] : atEnd ? undefined : step();
        if (!row) break;
        count++;
        for (let i = 0; i < fillers.length; i++) push(fillers[i]!, row[i]!, count);
      }
      if (taken === sample.length) sample.length = taken = 0;
      return length === 0 ? undefined : { length, columns: fillers.map(({ writer }) => writer.finish()) };
    },
    close() {
      rows.return?.();
    },
  };
}

interface Filler {
  readonly column: Column;
  readonly writer: ColumnWriter;
  readonly convert: Convert;
}

function createFiller(column: Column): Filler {
  return { column, writer: createWriter(column.type), convert: converterOf(column.type) };
}

function hasRoom({ writer }: Filler): boolean {
  return !(writer instanceof BytesWriter) || writer.byteLength < batchBytes;
}

function push({ column, writer, convert }: Filler, value: Stored, row: number): void {
  if (value === null) return writer.push(null);
  const converted = convert(value);
  if (converted === undefined) throw misfit(column, value, row);
  writer.push(converted);
}

function misfit({ name, type }: Column, value: Exclude<Stored, null>, row: number): Misfit {
  const shown = typeof value === "object" ? `${value.length} bytes` : JSON.stringify(String(value).slice(0, 40));
  return new Misfit({
    name: "MixedColumn",
    message: `row ${row} has ${shown} in the column "${name}", which was ${type.kind} in the ${sampleRows} rows before`,
    hint: `SQLite lets a column mix types. Choose one in the query, as in cast("${name}" as text)`,
  });
}
