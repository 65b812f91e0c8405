import { input } from "../display/input.ts";
import type { MimeBundle } from "../display/mimebundle.ts";
import { currentOutput, divertTerminal } from "../display/output.ts";
import { settled } from "../display/queue.ts";
import { createSettings } from "../kernel/settings.ts";
import { type Captured, type MagicContext, MagicError, type Names } from "./magic.ts";

let find: () => MagicContext | undefined = () => undefined;

/** Says how to find the context of the cell whose code is running; called once by the runtime. */
export function setMagicContext(finder: () => MagicContext | undefined): void {
  find = finder;
}

/** Returns what a magic may use of the code that calls it: of the cell that runs, or of a plain Node program. */
export function currentContext(): MagicContext {
  return find() ?? plainContext();
}

// The names of a program's modules cannot be asked for.
const noNames: Names = {
  get: () => undefined,
  has: () => false,
  set: () => {},
  entries: () => [],
  clear: () => {},
};

function plainContext(): MagicContext {
  const output = currentOutput();
  const onlyInNotebook = (): never => {
    throw new MagicError("magic", "this magic is about a notebook and its cells, and there is none here");
  };
  return {
    output,
    signal: output.signal,
    names: noNames,
    settings: createSettings(process.env),
    folder: process.cwd(),
    run: onlyInNotebook,
    setNextInput: onlyInNotebook,
    input: (question, password) => (password ? input.password(question) : input(question)),
    capture: captureTerminal,
    history: async () => [],
    toModule: async () => onlyInNotebook(),
  };
}

/** Runs code while what the program prints and shows is collected instead of written. */
async function captureTerminal(code: () => Promise<unknown>): Promise<Captured> {
  const text = { stdout: "", stderr: "" };
  const outputs: MimeBundle[] = [];
  const displays = new Map<string, MimeBundle>();
  const end = divertTerminal({
    stream: (name, more) => void (text[name] += more),
    display(bundle, { displayId, update = false } = {}) {
      const shown = update && displayId !== undefined ? displays.get(displayId) : undefined;
      if (shown) Object.assign(shown, bundle);
      else outputs.push({ ...bundle });
      if (!shown && displayId !== undefined) displays.set(displayId, outputs.at(-1)!);
    },
  });
  // What came before an error is not to be lost with it, also where the program ends before this does.
  const tell = (): void => {
    end();
    process.stdout.write(text.stdout);
    process.stderr.write(text.stderr);
    for (const bundle of outputs) currentOutput().display(bundle);
  };
  process.once("exit", tell);
  try {
    const value = await code();
    await settled(currentOutput());
    end();
    return { ...text, outputs, value };
  } catch (error) {
    tell();
    throw error;
  } finally {
    process.off("exit", tell);
  }
}
