import { MagicError } from "../../magic.ts";
import type { ColumnType } from "../../columnar/columnar.ts";
import type { Dialect, PlanNode } from "../dialect.ts";
import { quote, syntax } from "./syntax.ts";

// Bounded: a person looks for a name, not through all of them.
const mostColumns = 20_000;

const schema = "case when t.schema in ('main', 'temp') then '' else t.schema end";
const own = "t.name not like 'sqlite\\_%' escape '\\' and t.type <> 'shadow'";

/** SQLite's SQL. */
export const dialect: Dialect = {
  syntax,
  quote,
  placeholder: () => "?",
  typeName,
  tables: `select ${schema} as schema, t.name, case t.type when 'view' then 'view' else 'table' end as kind,
cast(null as integer) as rows from pragma_table_list t where ${own} order by 1, 2`,
  columns: `select ${schema} as schema, t.name as name, c.name as col, c.type as type
from pragma_table_list t join pragma_table_xinfo(t.name, t.schema) c
where ${own} and c.hidden <> 1 order by 1, 2, c.cid limit ${mostColumns}`,
  describe: (table) =>
    `select name, type, "notnull" = 0 and pk = 0 as nullable, dflt_value as "default", pk > 0 as key from pragma_table_xinfo(${describedTable(table)})`,
  functions: "select distinct name from pragma_function_list where name glob '[a-z]*' order by 1",
  // SQLite measures nothing: with `analyze` the plan is the same.
  explain: (sql) => `explain query plan ${sql}`,
  readPlan,
  upsert(table, staging, columns, key) {
    const changed = columns.filter((column) => !key.includes(column));
    const action =
      changed.length === 0 ? "nothing" : `update set ${changed.map((name) => `${name} = excluded.${name}`).join(", ")}`;
    const list = columns.join(", ");
    // Without a `where`, the `on` would be read as a join's.
    return `insert into ${table} (${list}) select ${list} from ${staging} where true on conflict (${key.join(", ")}) do ${action}`;
  },
  createTemporary: "create temporary table",
  begin(isolation) {
    if (isolation !== undefined) throw new MagicError("sql", "SQLite has one isolation level only; leave it out");
    // The right to write is waited for here. One that has read first, and wants to write when another has, gets it never.
    return ["begin immediate"];
  },
  hasTransactionalDdl: true,
  keepsTimesAsTexts: true,
};

/** The arguments of `pragma_table_xinfo` for a table, whose name is SQL: its name, and its schema before a dot. */
function describedTable(table: string): string {
  const parts = table.match(/"(?:[^"]|"")*"|`(?:[^`]|``)*`|\[[^\]]*\]|[^.\s]+/g) ?? [table];
  const texts = parts.map((part) => {
    const [, double, back, bracket] = /^(?:"(.*)"|`(.*)`|\[(.*)\])$/s.exec(part) ?? [];
    const name = double?.replaceAll('""', '"') ?? back?.replaceAll("``", "`") ?? bracket ?? part;
    return `'${name.replaceAll("'", "''")}'`;
  });
  return texts.toReversed().join(", ");
}

// Declared so that `storage.ts` reads each back as what it was.
function typeName(type: ColumnType): string {
  switch (type.kind) {
    case "null":
    case "binary":
      return "blob";
    case "bool":
      return "boolean";
    case "int":
      return type.bits === 64 && !type.signed ? "text" : "integer";
    case "float":
      return "real";
    case "decimal":
      return type.precision <= 15 && type.scale >= 0 ? `decimal(${type.precision}, ${type.scale})` : "text";
    case "utf8":
    case "enum":
      return "text";
    case "date":
      return "date";
    case "time":
      return type.unit === "nanosecond" ? "text" : "time";
    case "timestamp":
      return type.unit === "nanosecond" ? "text" : "datetime";
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

/** A row of `explain query plan`. */
interface PlanRow {
  readonly id: unknown;
  readonly parent: unknown;
  readonly detail: unknown;
}

function readPlan(rows: readonly Readonly<Record<string, unknown>>[]): PlanNode {
  const steps = rows as readonly unknown[] as readonly PlanRow[];
  const childrenOf = (parent: number): PlanNode[] =>
    steps
      .filter((step) => Number(step.parent) === parent)
      .map((step) => {
        const [, label = "", condition] = /^(.*?)(?: \((.*)\))?$/.exec(String(step.detail)) ?? [];
        return { label, details: condition === undefined ? [] : [condition], children: childrenOf(Number(step.id)) };
      });
  const children = childrenOf(0);
  return children.length === 1 ? children[0]! : { label: "QUERY PLAN", details: [], children };
}
