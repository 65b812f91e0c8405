import { type Displayable, type MimeData, displaySymbol } from "../../display/mimebundle.ts";
import { escapeHtml } from "../../display/text.ts";
import type { PlanNode } from "./dialect.ts";

/** The plan of a query, shown as a tree. */
export interface Plan extends Displayable {
  readonly root: PlanNode;
  /** The statement that is planned. */
  readonly sql: string;
  /** True where it was run: rows and times are measured. */
  readonly isMeasured: boolean;
}

/** Makes a plan that shows itself as a tree. */
export function createPlan(plan: Omit<Plan, typeof displaySymbol>): Plan {
  const value = (): MimeData => ({ "text/html": frame(treeHtml(plan.root)), "text/plain": treeText(plan.root) });
  return Object.defineProperty({ ...plan }, displaySymbol, { value }) as Plan;
}

/** Two plans side by side. */
export interface PlanComparison extends Displayable {
  readonly before: Plan;
  readonly after: Plan;
}

/** Shows two plans side by side, as those before and after an index: `comparePlans(before, after)`. */
export function comparePlans(before: Plan, after: Plan): PlanComparison {
  for (const [name, plan] of Object.entries({ before, after }))
    if (typeof plan?.root?.label !== "string")
      throw new TypeError(
        `${name} is no plan. Give what explain resolves to: comparePlans(await db.explain(query), …)`,
      );
  const parts = [
    { title: "before", plan: before },
    { title: "after", plan: after },
  ];
  const changed = changeOf(before.root, after.root);
  const html = parts.map(
    ({ title, plan }) =>
      `<div style="flex:1 1 320px;min-width:0"><div style="font-weight:600;padding-bottom:4px">${title}</div>${treeHtml(plan.root)}</div>`,
  );
  const summary = `<div style="padding-top:6px">${escapeHtml(changed)}</div>`;
  const text = parts.map(({ title, plan }) => `${title}\n${treeText(plan.root)}`);
  const value = (): MimeData => ({
    "text/html": frame(`<div style="display:flex;flex-wrap:wrap;gap:24px">${html.join("")}</div>${summary}`),
    "text/plain": [...text, changed].join("\n\n"),
  });
  return Object.defineProperty({ before, after }, displaySymbol, { value }) as unknown as PlanComparison;
}

/** What became of cost and time. */
function changeOf(before: PlanNode, after: PlanNode): string {
  const parts = (["cost", "actualMs"] as const).flatMap((key) => {
    const [from, to] = [totalOf(before, key), totalOf(after, key)];
    if (from === undefined || to === undefined) return [];
    const name = key === "cost" ? "cost" : "ms";
    return [`${name} ${formatNumber(from)} → ${formatNumber(to)}${to > 0 && from > 0 ? ` (${ratio(from, to)})` : ""}`];
  });
  return parts.length > 0 ? parts.join(" · ") : "neither plan has figures to compare";
}

function ratio(from: number, to: number): string {
  if (from === to) return "the same";
  return from >= to ? `${formatNumber(from / to)} times less` : `${formatNumber(to / from)} times more`;
}

/** The root's figure, or the greatest below where the root has none. */
function totalOf(node: PlanNode, key: "cost" | "actualMs"): number | undefined {
  if (node[key] !== undefined) return node[key];
  const below = node.children.flatMap((child) => totalOf(child, key) ?? []);
  return below.length > 0 ? Math.max(...below) : undefined;
}

function formatNumber(number: number): string {
  return number.toLocaleString("en", { maximumFractionDigits: number < 100 ? 2 : 0 });
}

function figuresOf({ cost, rows, actualRows, actualMs }: PlanNode): string {
  const counts = [
    rows === undefined ? "" : `${formatNumber(rows)} rows expected`,
    actualRows === undefined ? "" : `${formatNumber(actualRows)} rows`,
  ];
  return [
    cost === undefined ? "" : `cost ${formatNumber(cost)}`,
    ...counts,
    actualMs === undefined ? "" : `${formatNumber(actualMs)} ms`,
  ]
    .filter((text) => text !== "")
    .join(" · ");
}

function treeText(root: PlanNode): string {
  const lines = (node: PlanNode, first: string, rest: string): string[] => {
    const figures = figuresOf(node);
    const below = node.children.length > 0 ? "│ " : "  ";
    return [
      `${first}${node.label}${figures && `  (${figures})`}`,
      ...node.details.map((detail) => `${rest}${below}  ${detail}`),
      ...node.children.flatMap((child, i) => {
        const isLast = i === node.children.length - 1;
        return lines(child, `${rest}${isLast ? "└─ " : "├─ "}`, `${rest}${isLast ? "   " : "│  "}`);
      }),
    ];
  };
  return lines(root, "", "").join("\n");
}

function treeHtml(node: PlanNode): string {
  const figures = figuresOf(node);
  const muted = "opacity:.75;font-variant-numeric:tabular-nums";
  const details = node.details.map((detail) => `<div style="${muted};padding-left:12px">${escapeHtml(detail)}</div>`);
  const children = node.children.map(
    (child) =>
      `<div style="margin-left:8px;padding-left:12px;border-left:1px solid var(--jp-border-color1,#8886)">${treeHtml(child)}</div>`,
  );
  const head = `<span style="font-weight:600">${escapeHtml(node.label)}</span>${figures && ` <span style="${muted}">${escapeHtml(figures)}</span>`}`;
  return `<div style="padding:2px 0">${head}${details.join("")}${children.join("")}</div>`;
}

function frame(html: string): string {
  return `<div style="font-size:13px;line-height:1.45;color:var(--jp-content-font-color1,inherit);overflow-x:auto">${html}</div>`;
}
