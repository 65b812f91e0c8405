import type { Completions } from "../language/completions.ts";
import type { Description } from "../language/descriptions.ts";
import type { Contents } from "../protocol/contents.ts";
import { toCodePoints } from "./code-points.ts";

/** What the live values, the magics and the files say at a cursor; positions are offsets. */
export interface LiveCompletions {
  readonly matches: readonly string[];
  readonly types: readonly string[];
  readonly start: number;
  readonly end: number;
}

/** What the live value of a name is, in the form of an inspect_reply. */
export interface LiveInspection {
  readonly found: boolean;
  readonly data: Readonly<Record<string, unknown>>;
}

/** Joins what the types say with what the run says: the types come first, the run fills in where they know nothing. */
export function mergeCompletions(
  code: string,
  position: number,
  typed: Completions | undefined,
  live: LiveCompletions | undefined,
): Contents["complete_reply"] {
  const known = typed && typed.items.length > 0 ? typed : undefined;
  const start = known?.start ?? live?.start;
  const end = known?.end ?? live?.end;
  const items = [...(known?.items ?? [])];
  const texts = new Set(items.map(({ text }) => text));
  if (live && live.start === start && known?.anyName !== false) {
    for (const [index, text] of live.matches.entries()) {
      if (!texts.has(text)) items.push({ text, type: live.types[index] ?? "", signature: "" });
    }
  }
  const cursor = {
    cursor_start: start === undefined ? position : toCodePoints(code, start),
    cursor_end: end === undefined ? position : toCodePoints(code, end),
  };
  return {
    status: "ok",
    matches: items.map(({ text }) => text),
    ...cursor,
    metadata: {
      _jupyter_types_experimental: items.map((item) => ({
        start: cursor.cursor_start,
        end: cursor.cursor_end,
        ...item,
      })),
    },
  };
}

/** Joins what the types say of a name with its live value. */
export function mergeInspections(
  typed: Description | undefined,
  live: LiveInspection | undefined,
): Contents["inspect_reply"] {
  // Of a function the types say all; its source, asked for by detail 1, is on further lines.
  const isSaid =
    typed !== undefined && /^.+: (?:[a-z]+ )*(?:function|class)\n.*$/.test(String(live?.data["text/plain"]));
  const parts = (type: string, ours: string | undefined): string[] => {
    const theirs = live?.found === true && !isSaid ? live.data[type] : undefined;
    return [ours, theirs].filter((part) => typeof part === "string");
  };
  const found = typed !== undefined || live?.found === true;
  const data = found
    ? {
        "text/plain": parts("text/plain", typed?.text).join("\n\n"),
        "text/markdown": parts("text/markdown", typed?.markdown).join("\n\n---\n\n"),
      }
    : {};
  return { status: "ok", found, data, metadata: {} };
}
