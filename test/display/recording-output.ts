import type { MimeBundle } from "../../display/mimebundle.ts";
import type { Output } from "../../display/output.ts";

/** One thing that an output was asked to show. */
export interface Shown {
  readonly text: unknown;
  readonly bundle?: MimeBundle;
  readonly displayId?: string | undefined;
  readonly update?: boolean | undefined;
}

/** An output that keeps what it is given. */
export function recordingOutput(interactive = true): Output & { readonly shown: Shown[] } {
  const shown: Shown[] = [];
  return {
    shown,
    interactive,
    signal: new AbortController().signal,
    stream: (_name, text) => void shown.push({ text }),
    display: (bundle, { displayId, update } = {}) =>
      void shown.push({ text: bundle.data["text/plain"], bundle, displayId, update }),
    clear: (wait) => void shown.push({ text: wait ? "clear later" : "clear now" }),
  };
}
