import { type ReadValue, readColumn } from "../../columnar/column-values.ts";
import type { Batch, Column, ColumnType } from "../../columnar/columnar.ts";
import { SqlFailure } from "../engine.ts";
import { formatDate, formatTime, formatTimestamp } from "../../columnar/temporal.ts";
import { formatDecimal, toJson } from "../../columnar/value-json.ts";
import { ExecuteMessage } from "./messages.ts";
import type { Prepared } from "./prepare.ts";
import { quote } from "./syntax.ts";

/** What inserting needs of a session. */
export interface Inserter {
  prepare(sql: string): Promise<Prepared>;
  /** Sends a message that changes rows, and waits for its end. */
  change(message: Buffer): Promise<void>;
  /** Most bytes of a message that the server takes. */
  readonly mostBytes: number;
}

/** Values of one statement: above some thousands nothing is gained, and the protocol counts to 65,535. */
const mostValues = 16_384;

/** Writes the value of a row into a message. */
type Put = (message: ExecuteMessage, row: number, index: number) => void;

/** Inserts the rows of a batch by statements of many rows each. */
export async function insertBatch(
  inserter: Inserter,
  table: string,
  columns: readonly Column[],
  batch: Batch,
): Promise<void> {
  const puts = columns.map(({ type }, i) => createPut(columns[i]!, readColumn(type, batch.columns[i]!)));
  const most = Math.max(1, Math.floor(mostValues / columns.length));
  const names = columns.map(({ name }) => quote(name)).join(", ");
  const places = `(${columns.map(() => "?").join(", ")})`;

  const insertRows = async (from: number, to: number): Promise<void> => {
    const count = to - from;
    const { id } = await inserter.prepare(
      `insert into ${table} (${names}) values ${Array.from({ length: count }, () => places).join(", ")}`,
    );
    const message = new ExecuteMessage(id, count * columns.length);
    let index = 0;
    for (let row = from; row < to; row++) {
      for (const put of puts) put(message, row, index++);
      if (message.length <= inserter.mostBytes) continue;
      if (count === 1) throw tooLarge(message.length, inserter.mostBytes);
      const middle = from + (count >> 1);
      await insertRows(from, middle);
      return insertRows(middle, to);
    }
    await inserter.change(message.finish());
  };
  for (let from = 0; from < batch.length; from += most) await insertRows(from, Math.min(from + most, batch.length));
}

function tooLarge(size: number, most: number): SqlFailure {
  return new SqlFailure("RowTooLarge", `a row has ${size} bytes, and the server takes messages of ${most}`, {
    hint: "Raise the server's max_allowed_packet, as in `set global max_allowed_packet = 1073741824`, and connect again",
  });
}

function createPut({ name, type }: Column, read: ReadValue): Put {
  const put = putValue(type);
  const findUnfit = unfit[type.kind];
  return (message, row, index) => {
    const value = read(row);
    if (value === null) return message.putNull(index);
    const what = findUnfit?.(value);
    if (what !== undefined) throw noPlace(name, what, type);
    put(message, value, index);
  };
}

/** By the kind of a type: names a value that the server's type has no place for. */
const unfit: Readonly<Partial<Record<ColumnType["kind"], (value: unknown) => string | undefined>>> = {
  float: (value) => (Number.isFinite(value) ? undefined : String(value)),
  date: (value) => outside(value as number, -719_528, 2_932_896, 2 ** 31 - 1),
  timestamp: (value) => outside(value as bigint, -(2n ** 63n) + 2n, 2n ** 63n - 2n, 2n ** 63n - 1n),
};

/** Arrow's least and greatest numbers stand for the infinities of other systems. */
function outside<T extends number | bigint>(value: T, least: T, greatest: T, infinity: T): string | undefined {
  if (value >= least && value <= greatest) return undefined;
  if (value >= infinity) return "infinity";
  return value <= -infinity ? "-infinity" : "a date outside the years 0 to 9999";
}

function noPlace(column: string, what: string, { kind }: ColumnType): SqlFailure {
  const types = kind === "float" ? "numbers are finite" : "dates and times are of the years 0 to 9999";
  return new SqlFailure("DataException", `the column "${column}" has ${what}, and MySQL's ${types}`, {
    code: "22000",
    hint: "Make such values nulls in the query that gives the rows, or texts by a cast",
  });
}

/** In the forms for which `typeName` of the dialect declares columns. */
function putValue(type: ColumnType): (message: ExecuteMessage, value: unknown, index: number) => void {
  switch (type.kind) {
    case "null":
      return (message, _, index) => message.putNull(index);
    case "bool":
      return (message, value, index) => message.putNumber(value === true ? 1 : 0, index);
    case "int":
      return type.bits === 64
        ? (message, value, index) => message.putBig(value as bigint, index)
        : (message, value, index) => message.putNumber(value as number, index);
    case "float":
      return (message, value, index) => message.putNumber(value as number, index);
    case "decimal":
      return (message, value, index) => message.putDecimal(formatDecimal(value as bigint, type.scale), index);
    case "utf8":
      return (message, value, index) => message.putText(value as string, index);
    case "binary":
      return (message, value, index) => message.putBytes(value as Uint8Array, index);
    case "date":
      return (message, value, index) => message.putText(formatDate(value as number), index);
    case "time":
      return (message, value, index) => message.putText(formatTime(value as bigint, type.unit), index);
    case "timestamp":
      return (message, value, index) => message.putText(formatTimestamp(value as bigint, type.unit), index);
    case "enum":
      return (message, value, index) => message.putText(type.values[value as number] ?? "", index);
    case "interval":
    case "list":
    case "fixedList":
    case "struct":
    case "map":
    case "union":
      return (message, value, index) => message.putText(toJson(type, value), index);
    default:
      return type satisfies never;
  }
}
