import type { MimeBundle } from "./mimebundle.ts";

/** What can be shown at once of a bundle that is still being made. */
const firsts = new WeakMap<Promise<MimeBundle>, MimeBundle>();

/** Notes what of a bundle can be shown until the whole is made. */
export function withFirst(whole: Promise<MimeBundle>, first: MimeBundle | undefined): Promise<MimeBundle> {
  if (first) firsts.set(whole, first);
  return whole;
}

/** Returns what can be shown of a bundle before the whole is made; undefined where nothing can. */
export function firstOf(bundle: MimeBundle | Promise<MimeBundle>): MimeBundle | undefined {
  return "then" in bundle ? firsts.get(bundle) : undefined;
}
