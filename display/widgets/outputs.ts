import { stripVTControlCharacters } from "node:util";
import type { MimeBundle } from "../mimebundle.ts";
import type { Written } from "../place.ts";
import { read } from "../property.ts";
import { formatCount } from "../text.ts";

/** An output as notebooks keep it (nbformat 4, "output"). */
export type SavedOutput = Readonly<Record<string, unknown>> & { readonly output_type: string };

/** Collects what runs write; the newest run's output replaces the last one's. */
export interface Outputs {
  /** What the current run has written. */
  readonly list: readonly SavedOutput[];
  /** Begins a run: returns what takes its output. What earlier runs still write is dropped. */
  begin(): (written: Written) => void;
  /** Shows what the run has written. */
  show(): void;
  /** Drops what the current run still writes. */
  abandon(): void;
}

interface Entry {
  output: SavedOutput;
  readonly displayId: unknown;
}

/**
 * Time between two showings of a run that goes on writing; and the time that the last run's output stays, so that a
 * figure which is moved by a slider is replaced by the whole next one, and not by its beginning.
 */
const showMs = 100;
const keepMs = 600;

/** Bounds of one run's output: the whole is sent each time. */
const maxText = 200_000;
const maxEntries = 200;

/** Creates a collection; `publish` shows it, `elsewhere` takes updates of displays that are not in it. */
export function createOutputs(
  publish: (list: readonly SavedOutput[]) => void,
  elsewhere: (bundle: MimeBundle, displayId: string) => void,
): Outputs {
  let run = 0;
  let entries: Entry[] = [];
  let textLength = 0;
  let left = 0;
  let clearNext = false;
  let timer: NodeJS.Timeout | undefined;
  /** True while what is shown is an earlier run's. */
  let keeps = false;

  function clear(): void {
    entries = [];
    textLength = 0;
    left = 0;
    clearNext = false;
  }

  function show(): void {
    clearTimeout(timer);
    timer = undefined;
    keeps = false;
    publish(list());
  }

  function list(): SavedOutput[] {
    const outputs = entries.map(({ output }) => output);
    if (left > 0) outputs.push(streamOf("stderr", `\n${formatCount(left)} more outputs of this run are left out.\n`));
    return outputs;
  }

  function add(output: SavedOutput, displayId?: unknown): void {
    if (clearNext) clear();
    const last = entries.at(-1);
    if (textLength > maxText || entries.length >= maxEntries) left += 1;
    else if (last && output.output_type === "stream" && last.output["name"] === output["name"]) {
      last.output = streamOf(String(output["name"]), `${String(last.output["text"])}${String(output["text"])}`);
    } else entries.push({ output, displayId });
    if (output.output_type === "stream") textLength += String(output["text"]).length;
  }

  function take({ type, content }: Written): void {
    if (type === "stream") add(streamOf(String(content["name"]), String(content["text"])));
    else if (type === "error") add({ output_type: "error", ...content });
    else if (type === "clear_output" && content["wait"] === true) clearNext = true;
    else if (type === "clear_output") clear();
    else takeDisplay(type, content);
    timer ??= setTimeout(show, keeps ? keepMs : showMs);
  }

  function takeDisplay(type: string, content: Written["content"]): void {
    const { data, metadata, transient } = content as unknown as MimeBundle & { transient?: { display_id?: string } };
    const id = transient?.display_id;
    const output = { output_type: "display_data", data, metadata };
    if (type !== "update_display_data") {
      add(output, id);
      return;
    }
    const shown = entries.filter(({ displayId }) => displayId === id);
    for (const entry of shown) entry.output = output;
    if (shown.length === 0 && id !== undefined) elsewhere({ data, metadata }, id);
  }

  return {
    get list() {
      return list();
    },
    begin() {
      run += 1;
      const mine = run;
      clearTimeout(timer);
      timer = undefined;
      keeps ||= entries.length > 0;
      clear();
      return (written) => {
        if (mine === run) take(written);
      };
    },
    show,
    abandon() {
      run += 1;
    },
  };
}

/** Says in words what outputs show, for front ends that draw no widgets. */
export function describeOutputs(list: readonly SavedOutput[]): string {
  return list
    .map(({ text, data, ename, evalue }) => {
      const words = text ?? read(data, "text/plain") ?? [ename, evalue].join(": ");
      return typeof words === "string" ? stripVTControlCharacters(words).trimEnd() : "";
    })
    .join("\n");
}

function streamOf(name: string, text: string): SavedOutput {
  return { output_type: "stream", name, text };
}
