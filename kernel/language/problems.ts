import { type Segment, toOriginal } from "./plain-cell.ts";
import { withoutOwnNames } from "./bindings.ts";
import { toOffset } from "./places.ts";
import type { LspDiagnostic } from "./protocol.ts";

/** A problem that the type checker sees in a cell; positions are offsets (UTF-16) of the cell's text. */
export interface Problem {
  readonly start: number;
  readonly end: number;
  readonly severity: "error" | "warning";
  /** TypeScript's number of the message. */
  readonly code: number;
  readonly message: string;
  /** What would mend it, as a sentence. */
  readonly fix?: string;
}

// What is no fault of a cell: a variable that gets its type later (7005, 7034), and JSX with elements that nobody typed (7026).
const noFaults = new Set([7005, 7034, 7026]);
// The numbers below are syntax errors, which the cell's own run reports.
const firstSemanticCode = 2000;

/** Makes problems of the cell from what the server says of its document. */
export function toProblems(
  found: readonly LspDiagnostic[],
  text: string,
  segments: readonly Segment[],
  unknownNames: ReadonlySet<string>,
): Problem[] {
  const problems = found.flatMap(({ range, severity = 1, code: given, message: raw }): Problem[] => {
    const code = Number(given);
    if (severity > 2 || noFaults.has(code) || code < firstSemanticCode) return [];
    const start = toOriginal(segments, toOffset(text, range.start));
    if (start === undefined) return [];
    const last = toOriginal(segments, toOffset(text, range.end));
    const message = withoutOwnNames(raw);
    const end = last === undefined || last < start ? start : last;
    const missing = code === 2304 ? /^Cannot find name '(.+)'/.exec(message)?.[1] : undefined;
    if (missing !== undefined && unknownNames.has(missing)) return [];
    return [{ start, end, severity: severity === 1 ? "error" : "warning", code, ...explain(code, message) }];
  });
  return problems.toSorted((a, b) => a.start - b.start);
}

/** Puts a message into the words of a notebook, with the line that mends it. */
function explain(code: number, message: string): { message: string; fix?: string } {
  const module = code === 7016 || code === 2307 ? /module '([^']+)'/.exec(message)?.[1] : undefined;
  if (module === undefined || module.startsWith(".") || module.startsWith("node:")) return { message };
  const name = module.split("/", module.startsWith("@") ? 2 : 1).join("/");
  if (code === 2307) return { message, fix: `%npm add ${name}` };
  const types = `@types/${name.replace(/^@/, "").replace("/", "__")}`;
  return {
    message: `Module '${module}' brings no types: what is imported from it is 'any'.`,
    fix: `%npm add ${types}`,
  };
}
