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
  /** `names`: any name of the notebook could stand there. `magic`: the text of a magic, of which the types know nothing. */
  readonly place: "names" | "magic" | "other";
}

/** What the live value of a name is, in the form of an inspect_reply. */
export interface LiveInspection {
  readonly found: boolean;
  readonly data: Readonly<Record<string, unknown>>;
  readonly place?: "magic";
}

/** Joins what the types say with what the run says: the types come first, the run fills in where they know nothing. */
export function mergeCompletions(
  code: string,
  position: number,
  typed: Completions | undefined,
  live: LiveCompletions | undefined,
): Contents["complete_reply"] {
  const isMagic = live?.place === "magic";
  const known = typed && typed.items.length > 0 && !isMagic ? typed : undefined;
  const start = known?.start ?? live?.start;
  const end = known?.end ?? live?.end;
  const items = [...(known?.items ?? [])];
  const texts = new Set(items.map(({ text }) => text));
  // The types know where a new name is to be written, or none at all.
  const isRefused = typed?.anyName === false && (known !== undefined || live?.place === "names");
  if (live && live.start === start && (isMagic || !isRefused)) {
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

// Where the types mostly know all, so long nothing else is asked.
const headStartMs = 30;

/** Asks the live values, where the types do not know all: what follows a dot is known by one of them. */
export async function awaitCompletions(
  before: string,
  typed: Promise<Completions | undefined>,
  askLive: () => Promise<LiveCompletions | undefined>,
): Promise<readonly [Completions | undefined, LiveCompletions | undefined]> {
  if (/(?<!\.\.)\.\s*[\p{ID_Continue}$]*$/u.test(before)) {
    const late = Promise.withResolvers<undefined>();
    const timer = setTimeout(late.resolve, headStartMs);
    const known = await Promise.race([typed, late.promise]);
    clearTimeout(timer);
    if (known?.anyName === false && known.items.length > 0) return [known, undefined];
  }
  return await awaitAnswers(typed, askLive());
}

// What the live values may take once the types have answered: native code may hold them back. The value of a name is worth
// more than another name in a list.
const lateMs = { completion: 100, inspection: 400 };

/** Waits for both answers, but not for one that the other makes needless or that takes too long. */
export async function awaitAnswers<T extends Completions | Description, L extends LiveCompletions | LiveInspection>(
  typed: Promise<T | undefined>,
  live: Promise<L | undefined>,
): Promise<readonly [T | undefined, L | undefined]> {
  const isOfMagic = live.then((answer) => answer?.place === "magic");
  if (await Promise.race([typed.then(() => false), isOfMagic])) return [undefined, await live];
  const known = await typed;
  if (!known || ("items" in known && known.items.length === 0)) return [known, await live];
  const late = Promise.withResolvers<undefined>();
  const timer = setTimeout(late.resolve, "items" in known ? lateMs.completion : lateMs.inspection);
  const answer = await Promise.race([live, late.promise]);
  clearTimeout(timer);
  return [known, answer];
}

// What the run says of a function or class: their signature, and with detail 1 the code as it runs.
const isCode = /^.+: (?:[a-z]+ )*(?:function|class)(?:\n|$)/;

/** Joins what the types say of a name with its live value. */
export function mergeInspections(
  typed: Description | undefined,
  live: LiveInspection | undefined,
  detail: 0 | 1,
): Contents["inspect_reply"] {
  const known = live?.place === "magic" ? undefined : typed;
  const source = detail === 1 ? known?.source : undefined;
  // Of code the types say more, but where they only know its declaration.
  const ran = String(live?.data["text/plain"]);
  const isSaid = known !== undefined && isCode.test(ran);
  const isNew = detail === 1 && ran.includes("\n\n") && source?.isDeclaration !== false;
  const isShown = live?.found === true && (!isSaid || isNew);
  const parts = (type: string, ours: string | undefined, declared: string | undefined): string[] => {
    const theirs = isShown ? live.data[type] : undefined;
    return [ours, declared, theirs].filter((part): part is string => typeof part === "string" && part !== "");
  };
  const found = known !== undefined || live?.found === true;
  const title = source?.place ?? "";
  const plain = source && [title, source.code].filter((part) => part !== "").join("\n");
  const markdown =
    source &&
    [title === "" ? "" : `*${title}*`, source.code === "" ? "" : fence(source.code)]
      .filter((part) => part !== "")
      .join("\n\n");
  const data = found
    ? {
        "text/plain": parts("text/plain", known?.text, plain).join("\n\n"),
        "text/markdown": parts("text/markdown", known?.markdown, markdown).join("\n\n---\n\n"),
      }
    : {};
  return { status: "ok", found, data, metadata: {} };
}

function fence(code: string): string {
  const ticks = "`".repeat(Math.max(3, ...Array.from(code.matchAll(/`+/g), ([run]) => run.length + 1)));
  return `${ticks}ts\n${code}\n${ticks}`;
}
