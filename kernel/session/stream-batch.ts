import type { StreamName } from "../protocol/contents.ts";
import { withoutOverwritten } from "./overwritten.ts";

/** Joins pieces of stream text that belong together, so that a flood becomes few messages. */
export interface StreamBatch<Owner> {
  /** Adds text; it is emitted when its time has come or a batch is full. */
  add(owner: Owner, name: StreamName, text: string): void;
  /** Emits what waits, so that what follows comes after it. `ends`: what follows ends the output, and text begins a new one. */
  flush(ends?: boolean): void;
}

const leastDelayMs = 20;
const mostDelayMs = 1_000;
const leastLength = 64 * 1024;
// Shorter ones are sent to the letter.
const floodLength = 4 * 1024;
const mostLength = 4 * 1024 * 1024;
// JupyterLab draws the whole of an output anew when some text is added to it, 1 MB in a second or so. So the more text an
// output has, the less often it gets more, and each of a flood's messages is longer than all before it.
const drawnPerMs = 512;
const growth = 4;

/** Creates a batch that emits joined text by `emit`, in the order of arrival. */
export function createStreamBatch<Owner>(
  emit: (owner: Owner, name: StreamName, text: string) => void,
): StreamBatch<Owner> {
  let owner: Owner;
  let name: StreamName = "stdout";
  let parts: string[] = [];
  let length = 0;
  let emitted = 0;
  let timer: NodeJS.Timeout | undefined;

  function isFull(): boolean {
    return length >= Math.min(mostLength, Math.max(leastLength, growth * emitted));
  }

  function leaveOutOverwritten(): void {
    const text = withoutOverwritten(parts.join(""));
    parts = [text];
    length = text.length;
  }

  function flush(): void {
    clearTimeout(timer);
    timer = undefined;
    if (length === 0) return;
    if (length >= floodLength) leaveOutOverwritten();
    const text = parts.join("");
    parts = [];
    emitted += length;
    length = 0;
    emit(owner, name, text);
  }
  return {
    flush(ends = false) {
      flush();
      if (ends) emitted = 0;
    },
    add(newOwner, newName, text) {
      if (newOwner !== owner || newName !== name) {
        flush();
        emitted = 0;
      }
      owner = newOwner;
      name = newName;
      parts.push(text);
      length += text.length;
      if (isFull()) leaveOutOverwritten();
      if (isFull()) flush();
      else timer ??= setTimeout(flush, Math.min(mostDelayMs, Math.max(leastDelayMs, emitted / drawnPerMs)));
    },
  };
}
