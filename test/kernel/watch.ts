import type { KernelClient, Received } from "../../kernel/cli/client.ts";

/** What a kernel publishes, also after the end of the cell that set it off. */
export interface Watch {
  /** Forgets what has come. */
  clear(): void;
  /** What came under a cell until now, as one text: streams as they are, errors by name. */
  under(cell: string): string;
  /** Whether this text has come, under whatever cell. */
  printed(text: string): boolean;
  /** Resolves as soon as it holds, which is asked at each message. */
  when(holds: () => boolean): Promise<void>;
}

function textOf({ header, content }: Received): string {
  if (header.msg_type === "stream") return content["text"] as string;
  return header.msg_type === "error" ? `${content["ename"] as string}: ${content["evalue"] as string}\n` : "";
}

/** Watches what a kernel publishes from now on. */
export function watch(kernel: KernelClient): Watch {
  let published: Received[] = [];
  const waiting = new Set<() => void>();
  kernel.onPublished((message) => {
    published.push(message);
    for (const ask of waiting) ask();
  });
  return {
    clear: () => void (published = []),
    under: (cell) =>
      published
        .filter(({ parent_header: parent }) => parent.msg_id === cell)
        .map(textOf)
        .join(""),
    printed: (text) => published.map(textOf).join("").includes(text),
    when: (holds) =>
      new Promise((resolve) => {
        const ask = (): void => {
          if (!holds()) return;
          waiting.delete(ask);
          resolve();
        };
        waiting.add(ask);
        ask();
      }),
  };
}
