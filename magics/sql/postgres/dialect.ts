import type { ColumnType } from "../../columnar/columnar.ts";
import type { Dialect } from "../dialect.ts";
import { postgresSyntax } from "../lexer.ts";
import { readPlan } from "./plan.ts";

const mostColumns = 20_000;

/** What is neither the system's own nor a temporary table of another session. */
const ownSchemas = `n.nspname not in ('pg_catalog', 'information_schema') and n.nspname !~ '^pg_toast'
  and (n.nspname !~ '^pg_temp' or n.oid = pg_my_temp_schema())`;

// Of functions those are left out that only the server itself calls: with arguments or results of cstring (2275),
// internal (2281) and trigger (2279).

/** PostgreSQL's SQL. */
export const dialect: Dialect = {
  syntax: postgresSyntax,
  quote,
  nameBytes: 63,
  // A query's column of nulls would be text; an array's text takes the type of what it is compared with.
  emptyList: { in: "= any", notIn: "<> all", list: "'{}'" },
  placeholder: (number) => `$${number}`,
  typeName,
  tables: `select case when n.oid = pg_my_temp_schema() then 'pg_temp' else n.nspname end as schema, c.relname as name,
  case when c.relkind in ('v', 'm') then 'view' else 'table' end as kind,
  case when c.relkind in ('v', 'f') or c.reltuples < 0 then null else c.reltuples::int8 end as rows
from pg_class c join pg_namespace n on n.oid = c.relnamespace
where c.relkind in ('r', 'p', 'v', 'm', 'f') and not c.relispartition and ${ownSchemas}
order by 1, 2`,
  columns: `select case when pg_table_is_visible(c.oid) then '' else n.nspname end as schema, c.relname as name,
  a.attname as col, format_type(a.atttypid, a.atttypmod) as type
from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
where c.relkind in ('r', 'p', 'v', 'm', 'f') and a.attnum > 0 and not a.attisdropped and ${ownSchemas}
order by n.nspname, c.relname, a.attnum limit ${mostColumns}`,
  describe: (
    table,
  ) => `select a.attname as name, format_type(a.atttypid, a.atttypmod) as type, not a.attnotnull as nullable,
  pg_get_expr(d.adbin, d.adrelid) as "default",
  exists(select from pg_index i where i.indrelid = a.attrelid and i.indisprimary and a.attnum = any(i.indkey)) as key
from pg_attribute a left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
where a.attrelid = to_regclass('${table.replaceAll("'", "''")}') and a.attnum > 0 and not a.attisdropped order by a.attnum`,
  functions: `select distinct proname as name from pg_proc p join pg_namespace n on n.oid = p.pronamespace
where pg_function_is_visible(p.oid) and proname ~ '^[a-z][a-z0-9_]*$' and prorettype not in (2275, 2279)
  and not proargtypes::oid[] && array[2275, 2281]::oid[] order by 1`,
  explain: (sql, analyze) => `explain (${analyze ? "analyze, buffers, " : ""}format json) ${sql}`,
  readPlan,
  upsert(table, staging, columns, key) {
    const changed = columns.filter((column) => !key.includes(column));
    const action =
      changed.length === 0 ? "nothing" : `update set ${changed.map((name) => `${name} = excluded.${name}`).join(", ")}`;
    const list = columns.join(", ");
    return `insert into ${table} (${list}) select ${list} from ${staging} on conflict (${key.join(", ")}) do ${action}`;
  },
  createTemporary: "create temporary table",
  nameErrorsEndTransactions: true,
  hasTransactionalDdl: true,
};

function quote(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

function typeName(type: ColumnType): string {
  switch (type.kind) {
    case "null":
    case "utf8":
    case "enum":
      return "text";
    case "bool":
      return "boolean";
    case "int":
      return intName(type.signed ? type.bits : type.bits * 2, type);
    case "float":
      return type.bits === 32 ? "real" : "double precision";
    case "decimal":
      return `numeric(${type.precision}, ${type.scale})`;
    case "binary":
      return "bytea";
    case "date":
      return "date";
    case "time":
      return timeName("time", type.unit);
    case "timestamp":
      return timeName(type.timezone === undefined ? "timestamp" : "timestamptz", type.unit);
    case "interval":
      return "interval";
    case "list":
    case "fixedList":
      return listName(type.child.type);
    case "struct":
    case "map":
    case "union":
      return "jsonb";
    default:
      return type satisfies never;
  }
}

function intName(bits: number, { signed }: { readonly signed: boolean }): string {
  if (bits <= 16) return "smallint";
  if (bits === 32) return "integer";
  return bits === 64 ? "bigint" : `numeric(${signed ? 19 : 20}, 0)`;
}

function timeName(name: string, unit: string): string {
  if (unit !== "nanosecond") return name;
  throw new TypeError(
    `PostgreSQL keeps microseconds and the column has nanoseconds. Cast it in the query that makes the table, as in ts::timestamp`,
  );
}

/** An array; of a list in a list too, since an array's type does not say how deep it is. */
function listName(item: ColumnType): string {
  if (item.kind === "list" || item.kind === "fixedList") return listName(item.child.type);
  return `${typeName(item)}[]`;
}
