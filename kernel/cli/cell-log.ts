import { stripVTControlCharacters, styleText } from "node:util";
import type { Contents } from "../protocol/contents.ts";
import type { Received } from "./client.ts";

/** Shows in the terminal or the log what cells publish. */
export interface CellLog {
  take(message: Received): void;
  /** Shows the last state of the displays that were updated: in between they would fill a log. */
  settle(): void;
}

/** Creates the log of a notebook's run. */
export function createCellLog(): CellLog {
  const shown = new Map<string, string>();
  const updated = new Map<string, string>();
  return {
    take({ header: { msg_type: type }, content }) {
      const text = textOf(type, content);
      if (text === undefined) return;
      const id = (content as Contents["display_data"]).transient?.display_id;
      if (type === "update_display_data") {
        if (id !== undefined) updated.set(id, text);
        return;
      }
      if (id !== undefined) shown.set(id, text);
      print(type === "stream" && content["name"] === "stderr" ? process.stderr : process.stdout, text);
    },
    settle() {
      for (const [id, text] of updated) {
        if (shown.get(id) !== text) print(process.stdout, text);
        shown.set(id, text);
      }
      updated.clear();
    },
  };
}

function print(target: NodeJS.WriteStream, text: string): void {
  target.write(target.isTTY && !process.env["NO_COLOR"] ? text : stripVTControlCharacters(text));
}

const displays = new Set(["display_data", "execute_result", "update_display_data"]);

function textOf(type: string, content: Received["content"]): string | undefined {
  if (type === "execute_input") {
    const { code, execution_count } = content as Contents["execute_input"];
    const [first = "", ...rest] = code.trim().split("\n");
    return styleText("dim", `In[${execution_count}] ${first}${rest.length > 0 ? " …" : ""}\n`);
  }
  if (type === "stream") return (content as Contents["stream"]).text;
  if (type === "error") return `${(content["traceback"] as string[]).join("\n")}\n`;
  if (!displays.has(type)) return undefined;
  const { data } = content as Contents["display_data"];
  const plain = data["text/plain"];
  return `${typeof plain === "string" ? plain : `[${Object.keys(data).join(", ")}]`}\n`;
}
