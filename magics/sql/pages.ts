import type { Table } from "apache-arrow";
import { MagicError, type Template } from "../magic.ts";
import { readColumn } from "../columnar/column-values.ts";
import type { ColumnType } from "../columnar/columnar.ts";
import type { SqlDatabase } from "./database.ts";
import type { Bindable } from "./engine.ts";
import { createEncoder } from "../columnar/from-arrow.ts";
import { type Nested, nested, paste } from "./query-text.ts";
import type { QueryOptions } from "./prepare.ts";
import { runQuery } from "./run.ts";
import { formatDate, formatTime, formatTimestamp } from "../columnar/temporal.ts";

/** How a query is read page by page. */
export interface PageOptions {
  /** Columns of the query by which rows are ordered, and which together make a row unique. An index on them makes it fast. */
  readonly key: string | readonly string[];
  /** Rows of a page. */
  readonly size?: number;
  /** True for the greatest keys first. */
  readonly descending?: boolean;
}

const usualSize = 1_000;
/** Columns that hold the text of a key. */
const textPrefix = "typhoon_key_";

/**
 * Reads a query page by page, by the key of the last row (`where key > … order by key limit …`): each page takes as long as
 * the first, where OFFSET reads all rows before again. Rows that come or go between two pages shift none.
 */
export async function* readPages(
  database: SqlDatabase,
  query: Template,
  { key, size = usualSize, descending = false }: PageOptions,
  options: QueryOptions,
): AsyncGenerator<Table, void> {
  const names = [key].flat();
  if (names.length === 0) throw new MagicError("sql", 'pages need a key, as in { key: "id" }');
  if (!Number.isSafeInteger(size) || size < 1) throw new MagicError("sql", `a page has 1 row or more, not ${size}`);
  const columns = names.map((name) => paste([name]));
  const order = nest(
    join(
      columns.map((column) => nest({ strings: ["", descending ? " desc" : ""], values: [column] })),
      ", ",
    ),
  );
  const { dialect } = database.engine;
  const texts = dialect.keepsTimesAsTexts
    ? names.map((name, i) => `, cast(${dialect.quote(name)} as text) as ${textPrefix}${i}`).join("")
    : "";
  let after: Nested | undefined;
  for (;;) {
    const where = after
      ? nest({ strings: [" where (", descending ? ") < (" : ") > (", ")"], values: [nest(join(columns, ", ")), after] })
      : paste("");
    const template: Template = {
      strings: ["select *", " from (", ") as pages", " order by ", ` limit ${size}`],
      values: [paste(texts), nest(query), where, order],
    };
    const read = await runQuery(database, template, options);
    if (!read || read.numRows === 0) return;
    const own = read.schema.fields.map(({ name }) => name).filter((name) => !name.startsWith(textPrefix));
    yield own.length === read.numCols ? read : read.select(own);
    if (read.numRows < size) return;
    after = nest(join(await lastKey(database, read, names), ", "));
  }
}

function nest(template: Template): Nested {
  return { [nested]: template };
}

function join(values: readonly unknown[], between: string): Template {
  return { strings: ["", ...values.slice(1).map(() => between), ""], values };
}

/** The key of a page's last row, as values that are compared exactly. */
async function lastKey(database: SqlDatabase, page: Table, names: readonly string[]): Promise<Nested[]> {
  const last = page.slice(page.numRows - 1);
  const { columns, encode } = createEncoder(await import("apache-arrow"), last.schema, last.batches);
  const [batch] = last.batches.filter(({ numRows }) => numRows > 0).flatMap((each) => [...encode(each)]);
  return names.map((name, i) => {
    const at = columns.findIndex((column) => column.name.toLowerCase() === name.toLowerCase());
    if (at < 0)
      throw new MagicError(
        "sql",
        `the query gives no column "${name}", which is to be the key. It gives ${columns.map((column) => column.name).join(", ")}`,
      );
    const { type } = columns[at]!;
    const value = readColumn(type, batch!.columns[at]!)(0);
    if (value === null)
      throw new MagicError(
        "sql",
        `the key "${name}" is null in a row, so what comes after it is unknown. Leave such rows out`,
      );
    if (database.engine.dialect.keepsTimesAsTexts && /^(?:date|time|timestamp|decimal)$/.test(type.kind)) {
      // Bound as the text that is kept; a decimal is kept as a number.
      if (type.kind === "decimal")
        return nest({ strings: ["", ""], values: [Number(decimalText(value as bigint, type.scale))] });
      return nest({ strings: ["", ""], values: [last.getChild(`${textPrefix}${i}`)!.get(0)] });
    }
    return toValue(database, type, value, name);
  });
}

/** Text with a cast where the value's own form would lose digits. */
function toValue({ engine }: SqlDatabase, type: ColumnType, value: unknown, name: string): Nested {
  const plain = (own: Bindable): Nested => nest({ strings: ["", ""], values: [own] });
  const cast = (text: string): Nested =>
    nest({ strings: ["cast(", ` as ${engine.dialect.typeName(type)})`], values: [text] });
  const { kind } = type;
  if (kind === "bool" || kind === "int" || kind === "float" || kind === "utf8" || kind === "binary")
    return plain(value as Bindable);
  if (kind === "date") return cast(formatDate(value as number));
  if (kind === "time") return cast(formatTime(value as bigint, type.unit));
  if (kind === "timestamp")
    return cast(`${formatTimestamp(value as bigint, type.unit)}${type.timezone === undefined ? "" : "+00"}`);
  if (kind === "decimal") return cast(decimalText(value as bigint, type.scale));
  throw new MagicError(
    "sql",
    `the key "${name}" is of a type that has no order (${kind}). Give numbers, texts or times`,
  );
}

function decimalText(digits: bigint, scale: number): string {
  const text = String(digits < 0n ? -digits : digits).padStart(scale + 1, "0");
  const whole = text.slice(0, text.length - scale);
  return `${digits < 0n ? "-" : ""}${whole}${scale > 0 ? `.${text.slice(-scale)}` : ""}`;
}
