import type { PlanNode } from "../dialect.ts";

/** A node of PostgreSQL's plan in JSON. */
interface Node {
  readonly "Node Type": string;
  readonly Plans?: readonly Node[];
  readonly [key: string]: unknown;
}

/** What the label, the figures and the children say. */
const shown = new Set([
  "Node Type",
  "Plans",
  "Relation Name",
  "Schema",
  "Alias",
  "Index Name",
  "CTE Name",
  "Function Name",
  "Join Type",
  "Operation",
  "Strategy",
  "Partial Mode",
  "Parent Relationship",
  "Parallel Aware",
  "Async Capable",
  "Scan Direction",
  "Inner Unique",
  "Startup Cost",
  "Total Cost",
  "Plan Rows",
  "Plan Width",
  "Actual Startup Time",
  "Actual Total Time",
  "Actual Rows",
  "Actual Loops",
  "Workers",
  "Disabled",
]);

/** Reads what `explain (format json)` gives. */
export function readPlan(rows: readonly Readonly<Record<string, unknown>>[]): PlanNode {
  const [value] = Object.values(rows[0] ?? {});
  const parsed = (typeof value === "string" ? JSON.parse(value) : value) as readonly { readonly Plan: Node }[];
  const [plan] = parsed;
  if (!plan) throw new TypeError("PostgreSQL gave no plan");
  const { Plan: root, ...summary } = plan as { Plan: Node } & Readonly<Record<string, unknown>>;
  const node = toPlan(root);
  const times = ["Planning Time", "Execution Time"].flatMap((key) =>
    typeof summary[key] === "number" ? [`${key}: ${summary[key]} ms`] : [],
  );
  return { ...node, details: [...node.details, ...times] };
}

function toPlan(node: Node): PlanNode {
  const loops = number(node["Actual Loops"]);
  const actualRows = number(node["Actual Rows"]);
  const actualMs = number(node["Actual Total Time"]);
  const cost = number(node["Total Cost"]);
  const rows = number(node["Plan Rows"]);
  const details = Object.entries(node).flatMap(([key, value]) => {
    const text = Array.isArray(value) ? value.map(String).join(", ") : String(value);
    const isZero = value === 0 || value === "" || (typeof value === "object" && !Array.isArray(value));
    return shown.has(key) || isZero ? [] : [`${key}: ${text}`];
  });
  return {
    label: labelOf(node),
    details: loops !== undefined && loops > 1 ? [...details, `Loops: ${loops}`] : details,
    ...(cost !== undefined && { cost }),
    ...(rows !== undefined && { rows }),
    // The server gives what one loop took.
    ...(actualRows !== undefined && { actualRows: actualRows * (loops ?? 1) }),
    ...(actualMs !== undefined && { actualMs: actualMs * (loops ?? 1) }),
    children: (node.Plans ?? []).map(toPlan),
  };
}

function number(value: unknown): number | undefined {
  return typeof value === "number" ? value : undefined;
}

/** As psql has it: `Parallel Index Scan using i on t a`, `Hash Left Join`, `HashAggregate`. */
function labelOf(node: Node): string {
  const text = (key: string): string => (typeof node[key] === "string" ? node[key] : "");
  let type = node["Node Type"];
  if (type === "Aggregate")
    type = { Sorted: "GroupAggregate", Hashed: "HashAggregate", Mixed: "MixedAggregate" }[text("Strategy")] ?? type;
  if (text("Partial Mode") !== "" && text("Partial Mode") !== "Simple") type = `${text("Partial Mode")} ${type}`;
  if (type === "ModifyTable") type = text("Operation");
  const join = text("Join Type");
  if (join !== "" && join !== "Inner")
    type = type === "Nested Loop" ? `${type} ${join} Join` : type.replace(/ ?Join$/, ` ${join} Join`);
  const relation = text("Relation Name") || text("CTE Name") || text("Function Name");
  const index = text("Index Name");
  const alias = text("Alias");
  return [
    node["Parallel Aware"] === true ? `Parallel ${type}` : type,
    index && (type === "Bitmap Index Scan" ? `on ${index}` : `using ${index}`),
    relation && `on ${relation}${alias !== "" && alias !== relation ? ` ${alias}` : ""}`,
  ]
    .filter(Boolean)
    .join(" ");
}
