import { slowMs } from "../client.ts";
import type { Kernel } from "../kernel.ts";
import { type Rule, demand, demandFields, same } from "../rule.ts";

const completion = { level: "may", source: "messaging#completion" } as const;
const inspection = { level: "may", source: "messaging#introspection" } as const;
const completeness = { level: "may", source: "messaging#code-completeness" } as const;

type Content = Readonly<Record<string, unknown>>;

/** Asks about a position, after a cell has declared `blueberry`; `cursor` counts code points. */
async function at(kernel: Kernel, type: string, code: string, cursor: number, more: object = {}): Promise<Content> {
  await kernel.run(kernel.dialect.assign("blueberry", 7351));
  const { answer } = await kernel.client.ask(type, { code, cursor_pos: cursor, ...more }, { limitMs: slowMs });
  same(answer.content["status"], "ok", "status");
  return answer.content;
}

/** Demands that accepting the completion gives this code. */
async function completes(kernel: Kernel, code: string, cursor: number, wanted: string): Promise<void> {
  const content = await at(kernel, "complete_request", code, cursor);
  const { matches, cursor_start: start, cursor_end: end } = content as { matches: string[] } & Record<string, number>;
  const points = [...code];
  const results = matches.map((match) =>
    [...points.slice(0, start), match, ...points.slice(end)].join("").replace(/=$/, ""),
  );
  demand(results.includes(wanted), `accepting a match gives ${JSON.stringify(results[0] ?? null)}, not ${wanted}`);
}

async function isComplete({ client }: Kernel, code: string): Promise<Content> {
  const { answer } = await client.ask("is_complete_request", { code });
  return answer.content;
}

const info = (content: Content): string =>
  String((content["data"] as Record<string, unknown> | undefined)?.["text/plain"]);

/** Completion, inspection, and whether code is complete. */
export const introspectionRules: readonly Rule[] = [
  {
    ...completion,
    id: "complete-fields",
    text: "complete_reply has status, matches, cursor_start, cursor_end and metadata.",
    async check(kernel) {
      const content = await at(kernel, "complete_request", "blueb", 5);
      demandFields(content, { matches: "list", cursor_start: "number", cursor_end: "number", metadata: "dict" });
      demand(
        (content["matches"] as unknown[]).every((match) => typeof match === "string"),
        "a match is no text",
      );
    },
  },
  {
    ...completion,
    id: "complete-name",
    text: "A name that an earlier cell has declared is completed.",
    check: (kernel) => completes(kernel, "blueb", 5, "blueberry"),
  },
  {
    ...completion,
    id: "complete-cursor",
    text: "cursor_pos may be anywhere in code of several lines; what follows it stays.",
    check: (kernel) => completes(kernel, "1 + 1\nblueb\n2 + 2", 11, "1 + 1\nblueberry\n2 + 2"),
  },
  {
    ...completion,
    level: "must",
    id: "complete-code-points",
    text: "Positions of complete_request and complete_reply count code points, not UTF-16 units.",
    source: "messaging#cursor-pos-and-unicode-offsets",
    check: (kernel) => completes(kernel, `"🫐🫐"; blueb; 1`, 11, `"🫐🫐"; blueberry; 1`),
  },
  {
    ...completion,
    id: "complete-nothing",
    text: "Where nothing fits, matches is empty and the status is `ok`.",
    async check(kernel) {
      const content = await at(kernel, "complete_request", "zzqq_nothing", 12);
      same(content["matches"], [], "matches");
    },
  },
  {
    ...inspection,
    id: "inspect-found",
    text: "inspect_reply of a known name has found true, data with text/plain, and metadata.",
    async check(kernel) {
      const content = await at(kernel, "inspect_request", "blueberry", 4, { detail_level: 0 });
      demandFields(content, { found: "boolean", data: "dict", metadata: "dict" });
      same(content["found"], true, "found");
      demand(/7351|number|int/.test(info(content)), `text/plain is ${JSON.stringify(info(content).slice(0, 60))}`);
    },
  },
  {
    ...inspection,
    id: "inspect-missing",
    text: "For a name that nobody knows, found is false and the status `ok`.",
    async check(kernel) {
      const content = await at(kernel, "inspect_request", "zzqq_nothing", 4, { detail_level: 0 });
      same(content["found"], false, "found");
      demandFields(content, { data: "dict" });
    },
  },
  {
    ...inspection,
    id: "inspect-detail",
    text: "detail_level 1 is answered too.",
    async check(kernel) {
      const content = await at(kernel, "inspect_request", "blueberry", 4, { detail_level: 1 });
      same(content["found"], true, "found");
    },
  },
  {
    ...inspection,
    level: "must",
    id: "inspect-code-points",
    text: "cursor_pos of inspect_request counts code points.",
    source: "messaging#cursor-pos-and-unicode-offsets",
    async check(kernel) {
      // Taken for UTF-16 units, the position would be between the names.
      const code = `"🫐🫐🫐🫐"; blueberry`;
      const content = await at(kernel, "inspect_request", code, [...code].indexOf("b") + 1, { detail_level: 0 });
      same(content["found"], true, "found");
      demand(/7351|number|int/.test(info(content)), `text/plain is ${JSON.stringify(info(content).slice(0, 60))}`);
    },
  },
  {
    ...completeness,
    id: "is-complete",
    text: "is_complete_reply says `complete` of code that can run.",
    async check(kernel) {
      same((await isComplete(kernel, kernel.dialect.complete))["status"], "complete", "status");
    },
  },
  {
    ...completeness,
    id: "is-complete-not-yet",
    text: "It says `incomplete`, with the indent of the next line, of code that goes on.",
    async check(kernel) {
      const content = await isComplete(kernel, kernel.dialect.incomplete);
      same(content["status"], "incomplete", "status");
      demandFields(content, { indent: "string" });
    },
  },
  {
    ...completeness,
    id: "is-complete-invalid",
    text: "It says `invalid` of code that no further line can mend.",
    async check(kernel) {
      same((await isComplete(kernel, kernel.dialect.invalid))["status"], "invalid", "status");
    },
  },
  {
    ...completeness,
    level: "should",
    id: "is-complete-indent",
    text: "The field indent exists only with `incomplete`.",
    async check(kernel) {
      for (const code of [kernel.dialect.complete, kernel.dialect.invalid]) {
        demand(!("indent" in (await isComplete(kernel, code))), "another status has it");
      }
    },
  },
];
