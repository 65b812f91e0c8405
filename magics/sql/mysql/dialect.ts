import type { ColumnType } from "../../columnar/columnar.ts";
import type { Dialect } from "../dialect.ts";
import { readPlan } from "./plan.ts";
import { quote, syntax } from "./syntax.ts";

// Bounded: a person looks for a name, not through all of them.
const mostColumns = 20_000;

const systemSchemas = "('information_schema', 'mysql', 'performance_schema', 'sys')";
const schema = "case when table_schema = database() then '' else table_schema end";

/** SQL that MySQL and MariaDB share. */
export const dialect: Dialect = {
  syntax,
  quote,
  placeholder: () => "?",
  typeName,
  // A text or bytes without a length cannot be a key.
  keyTypeName: ({ kind }) =>
    kind === "utf8" ? "varchar(255) character set utf8mb4" : kind === "binary" ? "varbinary(255)" : undefined,
  tables: `select ${schema} as \`schema\`, table_name as name,
case when table_type like '%VIEW' then 'view' else 'table' end as kind, cast(table_rows as signed) as \`rows\`
from information_schema.tables where table_schema not in ${systemSchemas} order by 1, 2`,
  columns: `select ${schema} as \`schema\`, table_name as name, column_name as col, cast(column_type as char) as type
from information_schema.columns where table_schema not in ${systemSchemas}
order by 1, 2, ordinal_position limit ${mostColumns}`,
  describe: (table) => `select column_name as name, cast(column_type as char) as type, is_nullable = 'YES' as nullable,
column_default as \`default\`, column_key = 'PRI' as \`key\` from information_schema.columns
where ${describedTable(table)} order by ordinal_position`,
  // A comment that only MariaDB reads: there `analyze` has JSON, in MySQL it is a tree of text.
  explain: (sql, analyze) =>
    analyze ? `/*M! analyze format=json */ /*!80018 explain analyze */ ${sql}` : `explain format=json ${sql}`,
  readPlan,
  upsert(table, staging, columns, key) {
    const changed = columns.filter((column) => !key.includes(column));
    // Without others to change, a key is set to what it is.
    const set = (changed.length === 0 ? key : changed).map((name) => `${name} = values(${name})`).join(", ");
    const list = columns.join(", ");
    return `insert into ${table} (${list}) select ${list} from ${staging} on duplicate key update ${set}`;
  },
  createTemporary: "create temporary table",
  dropTemporary: "drop temporary table if exists",
  begin: (isolation) => [
    ...(isolation === undefined ? [] : [`set transaction isolation level ${isolation}`]),
    "start transaction",
  ],
  takeName: (table, staging, old) =>
    `rename table ${old === undefined ? "" : `${table} to ${old}, `}${staging} to ${table}`,
  hasTransactionalDdl: false,
};

/** The condition for a table, whose name is SQL. */
function describedTable(table: string): string {
  const names = (table.match(/`(?:[^`]|``)*`|[^.\s]+/g) ?? [table]).map((name) => {
    const own = name.startsWith("`") ? name.slice(1, -1).replaceAll("``", "`") : name;
    return `'${own.replaceAll("\\", "\\\\").replaceAll("'", "''")}'`;
  });
  return `table_schema = ${names.length > 1 ? names.at(-2) : "database()"} and table_name = ${names.at(-1)}`;
}

/** Whatever the database's own character set is: many are older than emoji. */
const longText = "longtext character set utf8mb4";

/** Most digits behind the point of a decimal. */
const mostScale = 30;

function typeName(type: ColumnType): string {
  switch (type.kind) {
    case "null":
      return "int";
    case "bool":
      return "bit(1)";
    case "int":
      return `${{ 8: "tinyint", 16: "smallint", 32: "int", 64: "bigint" }[type.bits]}${type.signed ? "" : " unsigned"}`;
    case "float":
      return type.bits === 32 ? "float" : "double";
    case "decimal":
      return type.scale >= 0 && type.scale <= mostScale ? `decimal(${type.precision}, ${type.scale})` : "text";
    case "utf8":
      return longText;
    case "binary":
      return "longblob";
    case "date":
      return "date";
    case "time":
      return type.unit === "nanosecond" ? "varchar(18)" : "time(6)";
    case "timestamp":
      return timestampName(type);
    case "enum":
      return enumName(type.values);
    case "interval":
    case "list":
    case "fixedList":
    case "struct":
    case "map":
    case "union":
      return "json";
    default:
      return type satisfies never;
  }
}

/** `timestamp` ends in 2038 and begins in 1970; `datetime` has no zone. So a moment is a `datetime` by UTC. */
function timestampName({ unit }: ColumnType & { kind: "timestamp" }): string {
  const digits = { second: 0, millisecond: 3, microsecond: 6, nanosecond: undefined }[unit];
  return digits === undefined ? "varchar(40)" : `datetime(${digits})`;
}

function enumName(values: readonly string[]): string {
  const texts = values.filter((value) => value !== "");
  if (texts.length === 0 || texts.length > 65_535) return longText;
  return `enum(${texts.map((value) => `'${value.replaceAll("\\", "\\\\").replaceAll("'", "''")}'`).join(", ")}) character set utf8mb4`;
}
