import type { TestKernel } from "./harness.ts";

/** The answer to a complete_request. */
export interface Completed {
  readonly matches: readonly string[];
  readonly types: readonly { readonly text: string; readonly type: string; readonly signature: string }[];
  /** What a match makes of the code. */
  apply(match: string): string;
}

/** Completes at the caret in the code. */
export async function completeAt(kernel: TestKernel, marked: string): Promise<Completed> {
  const at = marked.indexOf("‸");
  const code = marked.slice(0, at) + marked.slice(at + 1);
  const position = Array.from(marked.slice(0, at)).length;
  const { reply } = await kernel.request("complete_request", { code, cursor_pos: position });
  const points = Array.from(code);
  return {
    matches: reply.matches,
    types: reply.metadata["_jupyter_types_experimental"] as Completed["types"],
    apply: (match) => [...points.slice(0, reply.cursor_start), match, ...points.slice(reply.cursor_end)].join(""),
  };
}

/** Inspects at the caret in the code; undefined where nothing was found. */
export async function inspectAt(
  kernel: TestKernel,
  marked: string,
  detail: 0 | 1 = 0,
): Promise<{ readonly markdown: string; readonly text: string } | undefined> {
  const position = Array.from(marked.slice(0, marked.indexOf("‸"))).length;
  const content = { code: marked.replace("‸", ""), cursor_pos: position, detail_level: detail };
  const { reply } = await kernel.request("inspect_request", content);
  if (!reply.found) return undefined;
  return { markdown: String(reply.data["text/markdown"]), text: String(reply.data["text/plain"]) };
}
