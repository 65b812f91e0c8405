import { type Completion, type Found, toCompletion } from "./candidates.ts";
import { type CodeContext, findContext } from "./code-context.ts";
import { fileCandidates, packageCandidates } from "./complete-files.ts";
import { memberCandidates, nameCandidates } from "./complete-live.ts";
import { type Sources, completeMagicText, completeSqlText } from "./complete-magic.ts";
import { type Post, withLiveValues } from "./live-values.ts";
import { findMagicPlace } from "./magic-text.ts";

/** What completion needs of the notebook. */
export interface CompleteOptions extends Pick<Sources, "folder" | "catalog"> {
  /** Reaches the main thread, which may be busy: nothing of the user's runs. */
  readonly post: Post;
  /** An expression of the main realm for the list of scope objects. */
  readonly scopes: string;
  readonly magics: readonly string[];
}

// Where native code blocks the main thread, what it knows is left out.
const liveMs = 700;

/** Completes code from the live variables, the magics and the files. */
export async function complete(code: string, offset: number, options: CompleteOptions): Promise<Completion> {
  const { post, scopes, folder, catalog } = options;
  const sources: Sources = {
    folder,
    catalog,
    live: (ask, mostMs = liveMs) => within(mostMs, withLiveValues(post, scopes, ask)),
  };
  const magic = findMagicPlace(code, offset);
  const found: Found =
    magic?.kind === "text"
      ? { ...(await completeMagicText(magic, code, offset, sources)), place: "magic" }
      : await completeCode((magic?.code ?? code).slice(0, offset), code, options, sources);
  return toCompletion(found, offset);
}

async function completeCode(
  before: string,
  code: string,
  { magics }: CompleteOptions,
  sources: Sources,
): Promise<Found> {
  const context = findContext(before);
  if (context.kind === "name" || context.kind === "member" || context.kind === "key" || context.kind === "entry") {
    return liveCandidates(context, sources);
  }
  if (context.kind === "magic") {
    return { ...context, candidates: magics.map((text) => ({ text, type: "magic", rank: 0 })), place: "magic" };
  }
  if (context.kind === "file")
    return { ...context, candidates: await moduleCandidates(context.prefix, sources.folder) };
  if (context.kind === "none") return { candidates: [], prefix: "", start: before.length };
  const rest = sqlAfter(code, before.length);
  return { ...(await completeSqlText(before.slice(context.start), rest, before.length, sources)), place: "magic" };
}

/** The rest of a template behind the cursor. */
function sqlAfter(code: string, offset: number): string {
  return /^(?:[^`\\]|\\[^])*/.exec(code.slice(offset))![0];
}

// Folders, and the files that Node or the kernel can load.
const modules = /\/$|(?<!\.d)\.(?:[cm]?[jt]sx?|json|node|wasm)$/;

async function moduleCandidates(prefix: string, folder: string): Promise<Found["candidates"]> {
  if (!/^(?:\.{0,2}\/|\.{1,2}$)/.test(prefix)) return packageCandidates(folder);
  const files = await fileCandidates(prefix, folder);
  const hidden = prefix.slice(prefix.lastIndexOf("/") + 1).startsWith(".");
  return files.filter(
    ({ text }) => modules.test(text) && (hidden || !/(?:^|\/)(?:\.[^/]*|node_modules)\/?$/.test(text)),
  );
}

async function liveCandidates(
  context: CodeContext & { kind: "name" | "member" | "key" | "entry" },
  { live }: Sources,
): Promise<Found> {
  const { prefix, start } = context;
  const candidates =
    context.kind === "name"
      ? await live((values) => nameCandidates(prefix, values))
      : await live((values) => memberCandidates(context.kind, context.path, prefix, values));
  return { candidates: candidates ?? [], prefix, start, place: context.kind === "name" ? "names" : "other" };
}

/** What a promise gives, or undefined where it takes longer. */
async function within<T>(ms: number, answer: Promise<T>): Promise<T | undefined> {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const timer = setTimeout(resolve, ms, undefined);
  try {
    return await Promise.race([answer, promise]);
  } finally {
    clearTimeout(timer);
  }
}
