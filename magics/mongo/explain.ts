import type { Document } from "mongodb";
import { displaySymbol, type MimeBundle } from "../../display/mimebundle.ts";
import type { PlanNode } from "../sql/dialect.ts";

/** A step of a plan, and what it had to look at. */
export interface MongoPlanNode extends PlanNode {
  readonly keysExamined?: number;
  readonly docsExamined?: number;
  readonly index?: string;
  readonly children: readonly MongoPlanNode[];
}

/** The plan of an operation that was run. */
export interface MongoPlan {
  readonly plan: MongoPlanNode;
  readonly returned: number;
  readonly ms: number;
  readonly keysExamined: number;
  readonly docsExamined: number;
  /** Names of the indexes that were used. */
  readonly indexes: readonly string[];
  /** What the server said, whole. */
  readonly raw: Document;
  [displaySymbol](): MimeBundle["data"];
}

/** Reads the answer to an explain with the verbosity `executionStats`. */
export function readPlan(raw: Document): MongoPlan {
  const plan = readTop(raw);
  const nodes = [...walk(plan)];
  const stats = findStats(raw);
  const sum = (key: "keysExamined" | "docsExamined"): number =>
    nodes.reduce((total, node) => total + (node[key] ?? 0), 0);
  const found = {
    plan,
    returned: plan.actualRows ?? number(stats?.["nReturned"]) ?? 0,
    ms: number(stats?.["executionTimeMillis"]) ?? plan.actualMs ?? 0,
    keysExamined: number(stats?.["totalKeysExamined"]) ?? sum("keysExamined"),
    docsExamined: number(stats?.["totalDocsExamined"]) ?? sum("docsExamined"),
    indexes: [...new Set(nodes.flatMap(({ index }) => index ?? []))],
  };
  return Object.defineProperties({ ...found } as unknown as MongoPlan, {
    raw: { value: raw, enumerable: false },
    [displaySymbol]: { value: () => ({ "text/plain": planText(found) }), enumerable: false },
  });
}

function readTop(raw: Document): MongoPlanNode {
  const { stages, shards, queryPlanner, executionStats } = raw as Record<string, Document | undefined>;
  if (shards) {
    const children = Object.entries(shards).map(([name, shard]) => {
      const child = readTop(shard as Document);
      return { label: `shard ${name}`, details: [], children: [child], ...measured(child) };
    });
    return { label: "SHARDS", details: [], children };
  }
  if (Array.isArray(stages)) {
    // The pipeline's first stage is the deepest of the tree.
    let below: MongoPlanNode | undefined;
    for (const stage of stages as Document[]) below = readStage(stage, below);
    return below ?? { label: "nothing", details: [], children: [] };
  }
  const planner = (queryPlanner?.["winningPlan"] ?? {}) as Document;
  const winner = (planner["queryPlan"] ?? planner) as Document;
  return readStep(winner, executionStats?.["executionStages"] as Document | undefined);
}

function readStage(stage: Document, below: MongoPlanNode | undefined): MongoPlanNode {
  const [name = "", content] = Object.entries(stage)[0] ?? [];
  const { nReturned, executionTimeMillisEstimate: ms } = stage as Record<string, unknown>;
  const own = { actualRows: number(nReturned), actualMs: number(ms) };
  if (name === "$cursor") return { ...readTop(content as Document), ...known(own) };
  return {
    label: name,
    details: [short(content)],
    ...known(own),
    children: below ? [below] : [],
  };
}

function readStep(step: Document, run: Document | undefined): MongoPlanNode {
  const {
    stage = "?",
    indexName,
    keyPattern,
    indexBounds,
    filter,
    direction,
    sortPattern,
  } = step as Record<string, unknown>;
  const inputs = inputsOf(step);
  const runs = run ? inputsOf(run) : [];
  return {
    label: [stage, indexName, keyPattern && short(keyPattern)].filter(Boolean).map(String).join(" "),
    details: [
      indexBounds && `bounds ${short(indexBounds)}`,
      filter && Object.keys(filter).length > 0 && `filter ${short(filter)}`,
      sortPattern && `by ${short(sortPattern)}`,
      direction === "backward" && "backward",
    ]
      .filter(Boolean)
      .map(String),
    ...known({
      actualRows: number(run?.["nReturned"]),
      actualMs: number(run?.["executionTimeMillisEstimate"]),
      keysExamined: number(run?.["keysExamined"]),
      docsExamined: number(run?.["docsExamined"]),
    }),
    ...(typeof indexName === "string" && { index: indexName }),
    children: inputs.map((input, i) => readStep(input, runs[i])),
  };
}

function inputsOf(step: Document): Document[] {
  const { inputStage, inputStages, outerStage, innerStage, thenStage, elseStage } = step as Record<string, Document>;
  const several = Array.isArray(inputStages) ? (inputStages as Document[]) : [];
  return [inputStage, ...several, outerStage, innerStage, thenStage, elseStage].filter((input) => input !== undefined);
}

function findStats(raw: Document): Document | undefined {
  const [first] = Array.isArray(raw["stages"]) ? (raw["stages"] as Document[]) : [];
  return (raw["executionStats"] ?? (first?.["$cursor"] as Document | undefined)?.["executionStats"]) as
    | Document
    | undefined;
}

function measured({ actualRows, actualMs }: MongoPlanNode): Partial<MongoPlanNode> {
  return known({ actualRows, actualMs });
}

function known<T extends object>(values: T): { [K in keyof T]?: NonNullable<T[K]> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as never;
}

function number(value: unknown): number | undefined {
  // Integers of 64 bits come as objects or bigints.
  return value === undefined || value === null ? undefined : Number(value);
}

const longest = 120;

function short(value: unknown): string {
  const text = JSON.stringify(value, (_, item: unknown) => (typeof item === "bigint" ? Number(item) : item)) ?? "";
  return text.length > longest ? `${text.slice(0, longest)}…` : text;
}

function* walk(node: MongoPlanNode): Generator<MongoPlanNode> {
  yield node;
  for (const child of node.children) yield* walk(child);
}

const counted = (count: number, noun: string): string =>
  `${count.toLocaleString("en")} ${noun}${count === 1 ? "" : "s"}`;

function planText({
  plan,
  returned,
  ms,
  keysExamined,
  docsExamined,
  indexes,
}: Omit<MongoPlan, "raw" | typeof displaySymbol>): string {
  const lines = tree(plan, "", "");
  const index = indexes.length > 0 ? `index ${indexes.join(", ")}` : "no index used";
  lines.push(
    `${counted(returned, "document")} in ${ms} ms · ${counted(keysExamined, "key")} and ${counted(docsExamined, "document")} examined · ${index}`,
  );
  return lines.join("\n");
}

function tree(node: MongoPlanNode, first: string, rest: string): string[] {
  const { actualRows, keysExamined, docsExamined } = node;
  const facts = [
    ...node.details,
    actualRows !== undefined && counted(actualRows, "document"),
    keysExamined !== undefined && `${counted(keysExamined, "key")} examined`,
    docsExamined !== undefined && docsExamined > 0 && `${counted(docsExamined, "document")} examined`,
  ].filter(Boolean);
  const line = `${first}${node.label}${facts.length > 0 ? `  ${facts.join(" · ")}` : ""}`;
  return [
    line,
    ...node.children.flatMap((child, i) => {
      const isLast = i === node.children.length - 1;
      return tree(child, `${rest}${isLast ? "└ " : "├ "}`, `${rest}${isLast ? "  " : "│ "}`);
    }),
  ];
}
