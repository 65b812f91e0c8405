import type { MimeBundle, MimeData } from "./mimebundle.ts";

/** Where a cell's output goes. The runtime gives the cell's own; a plain Node program has the terminal. */
export interface Output {
  /** Writes text to the cell's stdout or stderr stream. */
  stream(name: "stdout" | "stderr", text: string): void;
  /**
   * Shows a bundle; with `update` it replaces every display that has the same `displayId`.
   * `late` marks an update that only adds what took time, as a figure's image.
   */
  display(bundle: MimeBundle, options?: { displayId?: string; update?: boolean; late?: boolean }): void;
  /** Clears the cell's output; with `wait` only when the next output arrives. */
  clear(wait: boolean): void;
  /** Aborted when the person interrupts the cell. */
  readonly signal: AbortSignal;
  /** False under CI, where nobody watches: progress prints one final line. */
  readonly interactive: boolean;
  /** True where only a bundle's text is shown: nothing that takes time is made for it. */
  readonly showsText?: boolean;
}

function plainText(data: MimeData): string {
  const plain = data["text/plain"];
  return typeof plain === "string" ? plain : `[${Object.keys(data).join(", ")}]`;
}

const never = new AbortController().signal;

/** Takes what a plain Node program prints and shows. */
export type Diverted = Pick<Output, "stream" | "display">;

/** To where the terminal's output goes instead, the innermost last. */
const diverted: Diverted[] = [];

/** The output of a plain Node program: text to the terminal, rich displays as their text form. */
const terminal: Output = {
  stream: (name, text) => void process[name].write(text),
  display(bundle, options = {}) {
    const to = diverted.at(-1);
    if (to) to.display(bundle, options);
    else if (options.late !== true) process.stdout.write(`${plainText(bundle.data)}\n`);
  },
  clear: () => {},
  signal: never,
  interactive: false,
  get showsText() {
    return diverted.length === 0;
  },
};

let find: () => Output | undefined = () => undefined;

/** Says how to find the output of the code that is running now; called once by the runtime. */
export function setOutput(finder: () => Output | undefined): void {
  find = finder;
}

/** Returns the output of the cell whose code is running (also from its timers and promises), else the terminal. */
export function currentOutput(): Output {
  return find() ?? terminal;
}

/** Diverts what a plain Node program prints and shows; returns what ends that. */
export function divertTerminal(to: Diverted): () => void {
  const restore = (["stdout", "stderr"] as const).map((name) => {
    const stream = process[name];
    const { write } = stream;
    stream.write = (chunk: string | Uint8Array, ...rest: unknown[]) => {
      to.stream(name, typeof chunk === "string" ? chunk : Buffer.from(chunk).toString());
      const written = rest.findLast((value) => typeof value === "function") as (() => void) | undefined;
      if (written) process.nextTick(written);
      return true;
    };
    return () => {
      stream.write = write;
    };
  });
  diverted.push(to);
  return () => {
    diverted.splice(diverted.indexOf(to), 1);
    for (const undo of restore) undo();
  };
}
