import type { Kernel } from "../kernel.ts";
import { type Rule, demand, same } from "../rule.ts";

const history = { level: "may", source: "messaging#history" } as const;

type Row = readonly [session: number, line: number, input: unknown];

async function rows({ client }: Kernel, content: object): Promise<readonly Row[]> {
  const all = { output: false, raw: true, ...content };
  const { answer } = await client.ask("history_request", all);
  same(answer.content["status"], "ok", "status");
  demand(Array.isArray(answer.content["history"]), "history is no list");
  return answer.content["history"] as Row[];
}

/** Runs two different cells and returns their code and the first one's count. */
async function twoCells({ run, dialect }: Kernel, word: string): Promise<{ codes: string[]; count: number }> {
  const codes = [`${word} one`, `${word} two`].map((text) => dialect.print(text));
  const { answer } = await run(codes[0]!);
  await run(codes[1]!);
  return { codes, count: Number(answer.content["execution_count"]) };
}

const inputs = (list: readonly Row[]): unknown[] => list.map(([, , input]) => input);

/** What was run before. */
export const historyRules: readonly Rule[] = [
  {
    ...history,
    id: "history-tail",
    text: "history_request `tail` gives the last n cells as (session, line, input).",
    async check(kernel) {
      const { codes } = await twoCells(kernel, "tail");
      const list = await rows(kernel, { hist_access_type: "tail", n: 2 });
      same(inputs(list), codes, "the inputs");
      for (const row of list)
        same(
          row.slice(0, 2).map((part) => typeof part),
          ["number", "number"],
          "a row's types",
        );
    },
  },
  {
    ...history,
    id: "history-range",
    text: "`range` gives cells start to stop (exclusive) of a session; 0 is the current one.",
    async check(kernel) {
      const { codes, count } = await twoCells(kernel, "range");
      const list = await rows(kernel, { hist_access_type: "range", session: 0, start: count, stop: count + 1 });
      same(inputs(list), [codes[0]], "the inputs");
    },
  },
  {
    ...history,
    id: "history-search",
    text: "`search` gives the cells that match a glob pattern.",
    async check(kernel) {
      const { codes } = await twoCells(kernel, "needle");
      const list = await rows(kernel, { hist_access_type: "search", pattern: "*needle?two*", n: 10 });
      same(inputs(list), [codes[1]], "the inputs");
    },
  },
  {
    ...history,
    id: "history-unique",
    text: "`search` with unique leaves out repeated cells.",
    async check(kernel) {
      const { codes } = await twoCells(kernel, "again");
      await kernel.run(codes[0]!);
      const list = await rows(kernel, { hist_access_type: "search", pattern: "*again*", n: 10, unique: true });
      same(inputs(list).map(String).toSorted(), codes.toSorted(), "the inputs");
    },
  },
  {
    ...history,
    id: "history-output",
    text: "With output true a row's third part is (input, output).",
    async check(kernel) {
      await kernel.run(kernel.dialect.result);
      const list = await rows(kernel, { hist_access_type: "tail", n: 1, output: true });
      const [input, output] = (list[0]?.[2] ?? []) as unknown[];
      same(input, kernel.dialect.result, "the input");
      const text = JSON.stringify(output ?? null);
      demand(text === "null" || text.includes("42"), `the output is ${text}`);
    },
  },
  {
    ...history,
    id: "history-unstored",
    text: "A cell with store_history false is not in the history.",
    source: "messaging#execute",
    async check(kernel) {
      const { codes } = await twoCells(kernel, "kept");
      await kernel.run(kernel.dialect.print("unkept"), { store_history: false });
      same(inputs(await rows(kernel, { hist_access_type: "tail", n: 2 })), codes, "the inputs");
    },
  },
];
