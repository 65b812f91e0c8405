import type { DatabaseSync } from "node:sqlite";
import { type ReadValue, readColumn } from "../../columnar/column-values.ts";
import type { Batch, Column, ColumnType } from "../../columnar/columnar.ts";
import { formatDate, formatTime, formatTimestamp } from "../../columnar/temporal.ts";
import { toJson } from "../../columnar/value-json.ts";
import type { Parameter } from "./protocol.ts";
import { quote } from "./syntax.ts";

/** Appends the rows of a batch to a table. */
export function insertBatch(
  database: DatabaseSync,
  table: string,
  columns: readonly Column[],
  batch: Batch,
  checkpoint: () => void,
): void {
  const names = columns.map(({ name }) => quote(name)).join(", ");
  const places = columns.map(() => "?").join(", ");
  const statement = database.prepare(`insert into ${table} (${names}) values (${places})`);
  const readers = columns.map(({ type }, i) => createReader(type, readColumn(type, batch.columns[i]!)));
  for (let row = 0; row < batch.length; row++) {
    checkpoint();
    statement.run(...readers.map((read) => read(row)));
  }
}

/** Reads a value in the form in which SQLite keeps it; `typeName` of the dialect declares the columns for these. */
function createReader(type: ColumnType, read: ReadValue): (row: number) => Parameter {
  const convert = converterTo(type);
  return (row) => {
    const value = read(row);
    return value === null ? null : convert(value);
  };
}

function converterTo(type: ColumnType): (value: unknown) => Parameter {
  switch (type.kind) {
    case "bool":
      return (value) => (value === true ? 1n : 0n);
    case "int":
      // A number would be bound as a float.
      if (type.bits < 64) return (value) => BigInt(value as number);
      return type.signed ? (value) => value as bigint : String;
    case "decimal": {
      const { precision, scale } = type;
      // A column of decimals keeps doubles, which have 15 exact digits; beyond, it is one of texts.
      if (precision <= 15) return (value) => Number(value) / 10 ** scale;
      return (value) => toJson(type, value);
    }
    case "date":
      return (value) => formatDate(value as number);
    case "time":
      return (value) => formatTime(value as bigint, type.unit);
    case "timestamp": {
      const zone = type.timezone === undefined ? "" : "Z";
      return (value) => formatTimestamp(value as bigint, type.unit) + zone;
    }
    case "enum":
      return (value) => type.values[value as number] ?? null;
    case "null":
    case "float":
    case "utf8":
    case "binary":
      return (value) => value as Parameter;
    case "interval":
    case "list":
    case "fixedList":
    case "struct":
    case "map":
    case "union":
      return (value) => toJson(type, value);
    default:
      return type satisfies never;
  }
}
