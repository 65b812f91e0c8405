import { stripVTControlCharacters } from "node:util";
import type { Channels } from "./protocol/channels.ts";
import type { MessageType } from "./protocol/contents.ts";
import { toggle } from "./setting-kinds.ts";

/**
 * Makes an environment say with one voice that no colours are wanted, where TYPHOON_PLAIN or else NO_COLOR
 * (no-color.org) says so: child processes know only the second, and what forces colours would win over it.
 */
export function agreeOnColors(env: NodeJS.ProcessEnv): void {
  const plain = env["TYPHOON_PLAIN"] ? toggle.parse(env["TYPHOON_PLAIN"]) : Boolean(env["NO_COLOR"]);
  if (plain !== true) return;
  Object.assign(env, { TYPHOON_PLAIN: "1", NO_COLOR: "1" });
  delete env["FORCE_COLOR"];
  delete env["CLICOLOR_FORCE"];
}

/** Keeps escape codes out of what leaves through these channels, also those that a cell or its child wrote itself. */
export function withoutEscapes(channels: Channels): Channels {
  const plainStream = createStreamFilter();
  const publish: Channels["publish"] = (type, content, parent, metadata, buffers) => {
    const { name, text } = content as { readonly name: string; readonly text: string };
    if (type !== "stream") return channels.publish(type, toPlain(type, content), parent, metadata, buffers);
    const plain = { ...content, text: plainStream(`${name} ${parent?.msg_id ?? ""}`, text) };
    return plain.text === "" ? undefined : channels.publish(type, plain, parent, metadata, buffers);
  };
  const message: Channels["codec"]["message"] = (type, content, parent, metadata, buffers) =>
    channels.codec.message(type, toPlain(type, content), parent, metadata, buffers);
  return Object.assign(Object.create(channels) as Channels, { publish, codec: { ...channels.codec, message } });
}

// The beginning of an escape code (CSI or OSC) whose end is not written yet.
const begun = /\u001B(?:\[[0-?]*[ -/]*|\][^\u0007\u001B]{0,999})?$/;

/** A write may end within an escape code: its beginning then waits for the next write of the same stream. */
function createStreamFilter(): (stream: string, text: string) => string {
  const waiting = new Map<string, string>();
  return (stream, text) => {
    const whole = (waiting.get(stream) ?? "") + text;
    const end = begun.exec(whole)?.index ?? whole.length;
    if (end < whole.length) waiting.set(stream, whole.slice(end));
    else waiting.delete(stream);
    return strip(whole.slice(0, end));
  };
}

const texts = new Set(["ename", "evalue", "prompt", "text/plain"]);

/** Takes the escape codes out of errors, prompts and the plain text of displays. */
function toPlain<T extends object>(type: MessageType, content: T): T {
  if (type.startsWith("comm_")) return content;
  return Object.fromEntries(
    Object.entries(content).map(([key, value]: [string, unknown]) => {
      if (texts.has(key) && typeof value === "string") return [key, strip(value)];
      if (key === "traceback" && Array.isArray(value)) return [key, value.map((line) => strip(String(line)))];
      if (key === "data" && isRecord(value)) return [key, toPlain(type, value)];
      if (key !== "user_expressions" || !isRecord(value)) return [key, value];
      return [key, mapValues(value, (result) => (isRecord(result) ? toPlain(type, result) : result))];
    }),
  ) as T;
}

function mapValues(record: Record<string, unknown>, map: (value: unknown) => unknown): Record<string, unknown> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value)]));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function strip(text: string): string {
  return /[\u001B\u009B]/.test(text) ? stripVTControlCharacters(text).replaceAll(/[\u001B\u009B]/g, "") : text;
}
