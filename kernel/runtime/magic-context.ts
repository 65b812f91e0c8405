import type { MimeBundle } from "../../display/mimebundle.ts";
import { settled } from "../../display/queue.ts";
import { magicSyntax, suggest } from "../../magics/index.ts";
import type { Captured, MagicContext, ModuleText, Names } from "../../magics/magic.ts";
import type { Payload } from "../protocol/contents.ts";
import type { Settings } from "../settings.ts";
import { createCapturedText } from "./captured-text.ts";
import { outputOf } from "./cell-output.ts";
import type { RunningCell } from "./interrupts.ts";
import type { PastCell } from "./link.ts";
import type { RanCells } from "./ran-cells.ts";
import type { Scopes } from "./scope.ts";
import type { Tsconfig } from "./tsconfig.ts";
import { input } from "./stdin.ts";
import { captures } from "./streams.ts";

/** What the notebook gives to its magics. */
export interface MagicHost {
  readonly folder: string;
  readonly scopes: Scopes;
  readonly settings: Settings;
  readonly interactive: boolean;
  readonly ran: RanCells;
  readonly tsconfig: Tsconfig;
  run(source: string, file: string, cell: RunningCell): Promise<unknown>;
  /** The code that a cell runs. */
  source(cell: RunningCell): string;
  payload(payload: Payload, cell: RunningCell): void;
  history(limit: number): Promise<readonly PastCell[]>;
}

/** Creates what one call of a magic may use of the notebook and the cell that called it. */
export function createMagicContext(host: MagicHost, cell: RunningCell): MagicContext {
  return {
    output: outputOf(cell, host.interactive),
    signal: cell.abort.signal,
    names: namesOf(host),
    settings: host.settings,
    folder: host.folder,
    source: host.source(cell),
    run: (source, file) => host.run(source, file, cell),
    setNextInput: (text, replace) => host.payload({ source: "set_next_input", text, replace }, cell),
    input: (prompt, password) => (password ? input.password(prompt) : input(prompt)),
    capture: (code) => capture(cell, host.interactive, code),
    history: host.history,
    toModule: (target) => toModule(host, target),
  };
}

function namesOf({ scopes, ran }: MagicHost): Names {
  return {
    get: (name) => scopes.get(name),
    has: (name) => scopes.has(name),
    set: (name, value) => scopes.set(name, value),
    entries: () => scopes.entries(),
    clear() {
      scopes.clear();
      ran.clear();
    },
  };
}

/** Writes the cells that have run as a module. */
async function toModule({ folder, history, ran, tsconfig }: MagicHost, target: string): Promise<ModuleText> {
  const { exportCells } = await import("../export/session-cells.ts");
  const sources = new Map((await history(mostCells)).map(({ count, source }) => [count, source]));
  const lost: string[] = [];
  const cells = ran.list().flatMap(({ count, tags }) => {
    const source = sources.get(count);
    if (source === undefined) lost.push(`In[${count}]`);
    return source === undefined ? [] : [{ count, tags, source }];
  });
  const module = exportCells(cells, {
    folder,
    target,
    magics: magicSyntax,
    suggest,
    tsconfig: tsconfig.options(),
    paths: (specifier) => tsconfig.paths(specifier),
  });
  if (lost.length === 0) return module;
  const [are, them] = lost.length > 1 ? ["are", "them"] : ["is", "it"];
  const named = new Intl.ListFormat("en", { type: "conjunction" }).format(lost);
  const note = `${named} ${are} left out, as the history has lost the text: run ${them} again and export anew`;
  return { ...module, notes: [...module.notes, note] };
}

const mostCells = 100_000;

type Shown = MimeBundle & { readonly transient?: { readonly display_id?: string } };

/** Runs code while everything that its cell prints and shows is collected instead of published. */
async function capture(cell: RunningCell, interactive: boolean, code: () => Promise<unknown>): Promise<Captured> {
  const text = { stdout: createCapturedText(), stderr: createCapturedText() };
  const outputs: MimeBundle[] = [];
  const displays = new Map<unknown, MimeBundle>();
  const stack = captures.get(cell) ?? [];
  captures.set(cell, stack);
  const take = ({ type, content }: { type: string; content: Readonly<Record<string, unknown>> }): void => {
    if (type === "stream") text[content["name"] as "stdout" | "stderr"].add(String(content["text"]));
    else if ("data" in content) {
      const { data, metadata, transient } = content as unknown as Shown;
      const shown = type === "update_display_data" ? displays.get(transient?.display_id) : undefined;
      const bundle = { data, metadata };
      if (shown) Object.assign(shown, bundle);
      else outputs.push(bundle);
      if (!shown && transient?.display_id !== undefined) displays.set(transient.display_id, bundle);
    }
  };
  stack.push(take);
  try {
    const value = await code();
    await settled(outputOf(cell, interactive));
    return { stdout: text.stdout.whole(), stderr: text.stderr.whole(), outputs, value };
  } catch (error) {
    // What came before an error is not to be lost with it.
    stack.pop();
    const output = outputOf(cell, interactive);
    for (const name of ["stdout", "stderr"] as const) output.stream(name, text[name].end());
    for (const bundle of outputs) output.display(bundle);
    throw error;
  } finally {
    if (stack.at(-1) === take) stack.pop();
  }
}
