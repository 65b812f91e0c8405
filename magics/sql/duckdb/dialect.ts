import type { Dialect, PlanNode } from "../dialect.ts";
import type { ColumnType } from "../../columnar/columnar.ts";
import { postgresSyntax } from "../lexer.ts";

// Bounded: a person looks for a name, not through all of them.
const mostColumns = 20_000;

/** DuckDB's SQL. */
export const dialect: Dialect = {
  syntax: postgresSyntax,
  quote: (name) => `"${name.replaceAll('"', '""')}"`,
  placeholder: (number) => `$${number}`,
  typeName,
  tables: `select schema_name as schema, table_name as name, 'table' as kind, estimated_size as rows
from duckdb_tables() where database_name <> 'notebook' and not internal
union all select schema_name, view_name, 'view', null from duckdb_views() where database_name <> 'notebook' and not internal
order by 1, 2`,
  columns: `select case when database_name in (current_database(), 'temp')
    then case when schema_name = current_schema() or database_name = 'temp' then '' else schema_name end
    else database_name || '.' || schema_name end as schema,
  table_name as name, column_name as col, data_type as type
from duckdb_columns() where not internal and database_name <> 'notebook'
order by database_name, schema_name, table_name, column_index limit ${mostColumns}`,
  describe: (table) =>
    `select column_name as name, column_type as type, "null" = 'YES' as nullable, "default", key is not distinct from 'PRI' as key
from (describe from ${table})`,
  functions: `select distinct function_name as name from duckdb_functions()
where regexp_matches(function_name, '^[a-z_][a-z0-9_]*$') and not starts_with(function_name, '__') order by 1`,
  explain: (sql, analyze) => `explain (${analyze ? "analyze, " : ""}format json) ${sql}`,
  readPlan,
  upsert(table, staging, columns, key) {
    const changed = columns.filter((column) => !key.includes(column));
    const action =
      changed.length === 0 ? "nothing" : `update set ${changed.map((name) => `${name} = excluded.${name}`).join(", ")}`;
    const list = columns.join(", ");
    return `insert into ${table} (${list}) select ${list} from ${staging} on conflict (${key.join(", ")}) do ${action}`;
  },
  createTemporary: "create temporary table",
  hasTransactionalDdl: true,
};

function typeName(type: ColumnType): string {
  switch (type.kind) {
    case "null":
      return "integer";
    case "bool":
      return "boolean";
    case "int":
      return `${type.signed ? "" : "u"}${{ 8: "tinyint", 16: "smallint", 32: "integer", 64: "bigint" }[type.bits]}`;
    case "float":
      return type.bits === 32 ? "float" : "double";
    case "decimal":
      return `decimal(${type.precision}, ${type.scale})`;
    case "utf8":
      return "varchar";
    case "binary":
      return "blob";
    case "date":
      return "date";
    case "time":
      return "time";
    case "timestamp":
      return timestampName(type);
    case "interval":
      return "interval";
    case "enum":
      return "varchar";
    case "list":
      return `${typeName(type.child.type)}[]`;
    case "fixedList":
      return `${typeName(type.child.type)}[${type.size}]`;
    case "struct":
      return `struct(${members(type.children)})`;
    case "map":
      return `map(${typeName(type.key.type)}, ${typeName(type.value.type)})`;
    case "union":
      return `union(${members(type.children)})`;
    default:
      return type satisfies never;
  }
}

function timestampName({ unit, timezone }: ColumnType & { kind: "timestamp" }): string {
  if (timezone !== undefined) return "timestamptz";
  return { second: "timestamp_s", millisecond: "timestamp_ms", microsecond: "timestamp", nanosecond: "timestamp_ns" }[
    unit
  ];
}

function members(children: readonly { readonly name: string; readonly type: ColumnType }[]): string {
  return children.map(({ name, type }) => `${dialect.quote(name)} ${typeName(type)}`).join(", ");
}

/** A node of DuckDB's own plan: of `explain` and of `explain analyze`, which name things differently. */
interface Node {
  readonly name?: string;
  readonly operator_name?: string;
  readonly extra_info?: Readonly<Record<string, string | readonly string[]>>;
  readonly operator_timing?: number;
  readonly operator_cardinality?: number;
  readonly children?: readonly Node[];
}

function readPlan(rows: readonly Readonly<Record<string, unknown>>[]): PlanNode {
  const text = Object.values(rows.at(-1) ?? {}).at(-1);
  const parsed = JSON.parse(String(text)) as Node | readonly Node[];
  const roots = Array.isArray(parsed) ? (parsed as readonly Node[]) : [parsed as Node];
  const nodes = roots.flatMap(skipFrame).map(toPlan);
  return nodes.length === 1 ? nodes[0]! : { label: "plan", details: [], children: nodes };
}

/** An analysed plan is inside nodes about the query and the explanation itself. */
function skipFrame(node: Node): readonly Node[] {
  const name = node.operator_name ?? node.name;
  return name === undefined || name === "EXPLAIN_ANALYZE" ? (node.children ?? []).flatMap(skipFrame) : [node];
}

function toPlan({ name, operator_name: operator, extra_info: info = {}, children = [], ...run }: Node): PlanNode {
  const { "Estimated Cardinality": rows, Table: table, ...others } = info;
  const details = Object.entries(others).flatMap(([key, value]) => {
    const text = typeof value === "string" ? value : value.join(", ");
    return text === "" ? [] : [`${key}: ${text}`];
  });
  return {
    label: `${(operator ?? name ?? "").trim()}${typeof table === "string" ? ` ${table}` : ""}`,
    details,
    ...(typeof rows === "string" && { rows: Number(rows) }),
    ...(run.operator_cardinality !== undefined && { actualRows: run.operator_cardinality }),
    ...(run.operator_timing !== undefined && { actualMs: run.operator_timing * 1000 }),
    children: children.map(toPlan),
  };
}
