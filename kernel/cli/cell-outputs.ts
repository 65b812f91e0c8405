import type { Contents } from "../protocol/contents.ts";
import type { Received } from "./client.ts";
import { splitLines } from "./notebook.ts";

type Output = Record<string, unknown> & { readonly output_type: string };

/** Folds the messages that are published under a cell, during it and later, into the outputs that a notebook keeps. */
export interface CellOutputs {
  /** Grows with what comes. */
  readonly outputs: readonly Output[];
  take(message: Pick<Received, "content"> & { readonly header: { readonly msg_type: string } }): void;
}

/** Returns what creates the outputs of each cell; one for a whole notebook, as later cells can update its displays. */
export function createOutputFolder(): () => CellOutputs {
  const displays = new Map<string, Output[]>();
  return () => foldCell(displays);
}

function foldCell(displays: Map<string, Output[]>): CellOutputs {
  const outputs: Output[] = [];
  let clearNext = false;

  function add(output: Output, displayId?: string): void {
    if (clearNext) outputs.length = 0;
    clearNext = false;
    outputs.push(output);
    if (displayId !== undefined) displays.set(displayId, [...(displays.get(displayId) ?? []), output]);
  }

  function addText({ name, text }: Contents["stream"]): void {
    const last = clearNext ? undefined : outputs.at(-1);
    if (last?.output_type !== "stream" || last["name"] !== name) {
      return add({ output_type: "stream", name, text: splitLines(text) });
    }
    last["text"] = splitLines((last["text"] as string[]).join("") + text);
  }

  return {
    outputs,
    take({ header, content }) {
      const display = content as Contents["display_data"];
      const displayId = display.transient?.display_id;
      switch (header.msg_type) {
        case "stream":
          return addText(content as Contents["stream"]);
        case "display_data":
          return add({ output_type: "display_data", ...bundleOf(display) }, displayId);
        case "execute_result": {
          const { execution_count } = content as Contents["execute_result"];
          return add({ output_type: "execute_result", execution_count, ...bundleOf(display) }, displayId);
        }
        case "error": {
          const { ename, evalue, traceback } = content;
          return add({ output_type: "error", ename, evalue, traceback });
        }
        case "update_display_data":
          for (const output of displays.get(displayId ?? "") ?? []) Object.assign(output, bundleOf(display));
          return undefined;
        case "clear_output":
          clearNext = true;
          if (!(content as Contents["clear_output"]).wait) {
            outputs.length = 0;
            clearNext = false;
          }
          return undefined;
        default:
          return undefined;
      }
    },
  };
}

function bundleOf({ data, metadata }: Contents["display_data"]): Pick<Contents["display_data"], "data" | "metadata"> {
  const kept = Object.entries(data).map(([type, value]) => [type, isText(type, value) ? splitLines(value) : value]);
  return { data: Object.fromEntries(kept) as Record<string, unknown>, metadata };
}

function isText(type: string, value: unknown): value is string {
  return (
    typeof value === "string" && (type.startsWith("text/") || type.endsWith("+xml") || type.endsWith("/javascript"))
  );
}
