import type { PlanNode } from "../dialect.ts";

/** Reads the plan out of the rows of the statement that `explain` of the dialect wrote. */
export function readPlan(rows: readonly Readonly<Record<string, unknown>>[]): PlanNode {
  const text = rows.map((row) => String(Object.values(row)[0])).join("\n");
  return text.trimStart().startsWith("{") ? readJson(JSON.parse(text) as Json) : readTree(text);
}

type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };
type Member = Readonly<Record<string, Json>>;

function isMember(value: Json | undefined): value is Member {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function readJson(plan: Json): PlanNode {
  const root = isMember(plan) ? plan : {};
  const block = isMember(root["query_block"]) ? root["query_block"] : root;
  return { ...nodeOf("Query", block), label: "Query" };
}

/** What a member of the plan's JSON is called for people; others are named after their key. */
const labels: Readonly<Record<string, string>> = {
  nested_loop: "Nested loop",
  ordering_operation: "Sort",
  grouping_operation: "Group",
  duplicates_removal: "Distinct",
  buffer_result: "Buffer",
  windowing: "Window",
  filesort: "Sort",
  read_sorted_file: "Read sorted file",
  temporary_table: "Temporary table",
  union_result: "Union",
  materialized: "Materialize",
  materialized_from_subquery: "Materialize",
  query_block: "Query",
  query_specifications: "Part of the union",
  attached_subqueries: "Subquery",
  "block-nl-join": "Block nested loop",
  window_functions_computation: "Window",
};

/** Conditions and the like, as the server words them. */
const detailKeys =
  "attached_condition index_condition sort_key using_filesort using_temporary_table using_join_buffer message backward_index_scan pushed_index_condition having_condition rowid_filter".split(
    " ",
  );

function nodeOf(key: string, member: Member): PlanNode {
  const children = Object.entries(member).flatMap(([name, value]): PlanNode[] => {
    if (name === "cost_info" || name === "rowid_filter" || name === "sort_key") return [];
    // What the storage engine counted; it is no step.
    if (name === "r_engine_stats") return [];
    const parts = Array.isArray(value) ? value.filter(isMember) : isMember(value) ? [value] : [];
    if (parts.length === 0) return [];
    if (name === "table") return parts.map(tableNode);
    const nodes = parts.map((part) => nodeOf(name, part));
    // The parts of a loop are its tables; a node around each would say nothing.
    return name === "nested_loop" || name === "union_result"
      ? [{ label: labels[name]!, details: [], children: nodes.flatMap(unwrap) }]
      : nodes.flatMap(unwrap);
  });
  return {
    label: labels[key] ?? key.replaceAll(/[_-]/g, " "),
    details: detailsOf(member),
    ...figures(member),
    children,
  };
}

function unwrap(node: PlanNode): readonly PlanNode[] {
  const isEmpty = node.details.length === 0 && node.cost === undefined && node.actualMs === undefined;
  return isEmpty && node.children.length === 1 && !Object.values(labels).includes(node.label) ? node.children : [node];
}

function tableNode(table: Member): PlanNode {
  const name = textOf(table["table_name"]);
  const access = textOf(table["access_type"]);
  const { key } = table;
  const index = typeof key === "string" ? ` by index ${key}` : "";
  const inner = nodeOf("table", table);
  return { ...inner, label: `${accessName(access)}${name === "" ? "" : ` of ${name}`}${index}` };
}

function textOf(value: Json | undefined): string {
  return typeof value === "string" ? value : "";
}

/** https://dev.mysql.com/doc/refman/8.4/en/explain-output.html, "EXPLAIN Join Types". */
function accessName(access: string): string {
  const known: Readonly<Record<string, string>> = {
    all: "Table scan",
    index: "Index scan",
    range: "Index range",
    ref: "Index lookup",
    eq_ref: "Unique lookup",
    const: "Constant row",
    system: "One-row table",
    ref_or_null: "Index lookup or null",
    fulltext: "Full-text lookup",
    index_merge: "Index merge",
  };
  return known[access.toLowerCase()] ?? (access || "Table");
}

function detailsOf(member: Member): readonly string[] {
  return detailKeys.flatMap((key) => {
    const value = member[key];
    if (value === undefined || value === null || value === false) return [];
    const label = key.replaceAll("_", " ").replace("attached condition", "condition");
    return [value === true ? label : `${label}: ${typeof value === "string" ? value : JSON.stringify(value)}`];
  });
}

/** Costs and rows: MySQL nests its costs, MariaDB measures with names that begin with `r_`. */
function figures(member: Member): Partial<PlanNode> {
  const info = isMember(member["cost_info"]) ? member["cost_info"] : {};
  const cost = numberOf(info["query_cost"] ?? info["prefix_cost"] ?? member["cost"]);
  const rows = numberOf(member["rows_examined_per_scan"] ?? member["rows"]);
  const actualRows = numberOf(member["r_rows"]);
  const actualMs = numberOf(member["r_total_time_ms"] ?? member["r_table_time_ms"]);
  return {
    ...(cost !== undefined && { cost }),
    ...(rows !== undefined && { rows }),
    ...(actualRows !== undefined && { actualRows }),
    ...(actualMs !== undefined && { actualMs }),
  };
}

function numberOf(value: Json | undefined): number | undefined {
  const number = typeof value === "string" || typeof value === "number" ? Number(value) : Number.NaN;
  return Number.isFinite(number) ? number : undefined;
}

/** Reads the text of MySQL's `explain analyze`: a step a line, indented by four spaces below the one that asks it. */
function readTree(text: string): PlanNode {
  interface Open {
    readonly depth: number;
    readonly node: PlanNode & { readonly children: PlanNode[] };
  }
  const root: Open = { depth: -1, node: { label: "Query", details: [], children: [] } };
  const path: Open[] = [root];
  for (const line of text.split("\n")) {
    const [, indent, step] = /^(\s*)-> (.*)$/.exec(line) ?? [];
    if (step === undefined) continue;
    const depth = indent!.length;
    while (path.at(-1)!.depth >= depth) path.pop();
    const node = { ...readStep(step), children: [] };
    path.at(-1)!.node.children.push(node);
    path.push({ depth, node });
  }
  return root.node.children.length === 1 ? root.node.children[0]! : root.node;
}

function readStep(step: string): Omit<PlanNode, "children"> {
  const cost = /\(cost=([\d.e+-]+)(?:\.\.[\d.e+-]+)? rows=([\d.e+-]+)\)/.exec(step);
  const actual = /\(actual time=[\d.e+-]+\.\.([\d.e+-]+) rows=([\d.e+-]+) loops=([\d.e+-]+)\)/.exec(step);
  const label = step.replace(/\s*\((?:cost|actual time)=.*$/, "").replace(/\s*\(never executed\)$/, "");
  return {
    label,
    details: [],
    ...(cost && { cost: Number(cost[1]), rows: Number(cost[2]) }),
    ...(actual && { actualMs: Number(actual[1]) * Number(actual[3]), actualRows: Number(actual[2]) }),
  };
}
