import { helpBundle } from "../../magics/help.ts";
import { loadMagic } from "../../magics/index.ts";
import type { Catalog } from "../../magics/sql/catalog.ts";
import { tableVariables } from "./complete-live.ts";
import type { CompleteOptions } from "./complete.ts";
import type { Inspection } from "./inspect.ts";
import { withLiveValues } from "./live-values.ts";
import { findMagicPlace } from "./magic-text.ts";

/** Describes a magic in whose name or text a cursor stands, or the table that its SQL names there. */
export async function inspectMagic(
  code: string,
  offset: number,
  options: Pick<CompleteOptions, "post" | "scopes" | "magics" | "catalog">,
): Promise<Inspection | undefined> {
  const named = nameAt(code, offset, options.magics);
  if (named !== undefined) return help(named);
  const place = findMagicPlace(code, offset);
  if (place?.kind !== "text") return undefined;
  const { takes } = await loadMagic(place.name);
  const table = takes?.language === "sql" ? await describeTable(wordAt(code, offset), options) : undefined;
  if (table) return table;
  return place.part === "line" ? help(place.name) : { found: false, data: {}, metadata: {}, place: "magic" };
}

/** The name of the magic in whose first word the cursor stands. */
function nameAt(code: string, offset: number, magics: readonly string[]): string | undefined {
  const lineStart = code.lastIndexOf("\n", offset - 1) + 1;
  const [head = "", name] = /^\s*(?:.*=\s*|\?\??\s*)?%{1,2}(\w+)\?{0,2}/.exec(code.slice(lineStart)) ?? [];
  return name !== undefined && offset <= lineStart + head.length && magics.includes(name) ? name : undefined;
}

async function help(name: string): Promise<Inspection> {
  const { data } = helpBundle(await loadMagic(name));
  return { found: true, data: data as Record<string, string>, metadata: {}, place: "magic" };
}

function wordAt(code: string, offset: number): string {
  const before = /[\p{L}\p{N}_$]*$/u.exec(code.slice(0, offset))![0];
  return before + /^[\p{L}\p{N}_$]*/u.exec(code.slice(offset))![0];
}

async function describeTable(
  word: string,
  { catalog, post, scopes }: Pick<CompleteOptions, "post" | "scopes" | "catalog">,
): Promise<Inspection | undefined> {
  if (word === "") return undefined;
  const isIt = ({ name }: { readonly name: string }): boolean => name.toLowerCase() === word.toLowerCase();
  const kept: Catalog["tables"][number] | undefined = (await catalog())?.tables.find(isIt);
  const rows = kept
    ? kept.columns.map(({ name, type }) => `${name} ${type.toLowerCase()}`)
    : (await withLiveValues(post, scopes, tableVariables)).find(isIt)?.columns;
  if (!rows) return undefined;
  const shown = rows.slice(0, mostColumns);
  const more = rows.length > shown.length ? [`… ${rows.length - shown.length} more`] : [];
  const text = [...shown, ...more].join("\n");
  const title = kept ? "table" : "variable, read as a table";
  return {
    found: true,
    data: {
      "text/plain": `${word}: ${title}\n${text}`,
      "text/markdown": `**${word}**: ${title}\n\n\`\`\`sql\n${text}\n\`\`\``,
    },
    metadata: {},
    place: "magic",
  };
}

const mostColumns = 60;
