/** Joins pieces of stream text that belong together, so that a flood becomes few messages. */
export interface StreamBatch<Owner> {
  /** Adds text; it is emitted at the latest after `delayMs`, or at once when a batch is full. */
  add(owner: Owner, name: "stdout" | "stderr", text: string): void;
  /** Emits what waits, so that what follows comes after it. */
  flush(): void;
}

const delayMs = 20;
const maxLength = 64 * 1024;

/** Creates a batch that emits joined text by `emit`, in the order of arrival. */
export function createStreamBatch<Owner>(
  emit: (owner: Owner, name: "stdout" | "stderr", text: string) => void,
): StreamBatch<Owner> {
  let owner: Owner;
  let name: "stdout" | "stderr" = "stdout";
  let parts: string[] = [];
  let length = 0;
  let timer: NodeJS.Timeout | undefined;

  function flush(): void {
    clearTimeout(timer);
    timer = undefined;
    if (length === 0) return;
    const text = parts.join("");
    parts = [];
    length = 0;
    emit(owner, name, text);
  }
  return {
    flush,
    add(newOwner, newName, text) {
      if (length > 0 && (newOwner !== owner || newName !== name)) flush();
      owner = newOwner;
      name = newName;
      parts.push(text);
      length += text.length;
      if (length >= maxLength) flush();
      else timer ??= setTimeout(flush, delayMs);
    },
  };
}
