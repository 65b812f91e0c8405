import { stripVTControlCharacters } from "node:util";
import type { Channels } from "./protocol/channels.ts";
import type { Contents, MessageType, StreamName } from "./protocol/contents.ts";
import type { Header } from "./protocol/message.ts";
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
  const streams = createStreamFilter((name, text, parent) => channels.publish("stream", { name, text }, parent));
  const publish: Channels["publish"] = (type, content, parent, metadata, buffers) => {
    if (type === "stream") {
      streams.take(content as Contents["stream"], parent);
      return;
    }
    if (type === "status" && (content as Contents["status"]).execution_state === "idle") streams.end(parent);
    channels.publish(type, toPlain(type, content), parent, metadata, buffers);
  };
  const message: Channels["codec"]["message"] = (type, content, parent, metadata, buffers) =>
    channels.codec.message(type, toPlain(type, content), parent, metadata, buffers);
  return Object.assign(Object.create(channels) as Channels, { publish, codec: { ...channels.codec, message } });
}

// The beginning of an escape code (CSI, or OSC, which ends with its line) whose end is not written yet.
const begun = /\u001B(?:\[[0-?]*[ -/]*|\][^\u0007\u001B\u009C\n]{0,999}\u001B?)?$/;
// What timers of ended cells have begun and never finished is shown when there is more of it than this.
const maxWaiting = 100;

type Parent = Partial<Header> | undefined;

/** The streams of all parents, free of escape codes. */
interface StreamFilter {
  take(content: Contents["stream"], parent: Parent): void;
  /** Shows what waits, as nothing follows. */
  end(parent: Parent): void;
}

/** A write may end within an escape code: its beginning then waits for the next write of the same stream. */
function createStreamFilter(show: (name: StreamName, text: string, parent: Parent) => void): StreamFilter {
  const waiting = new Map<string, { readonly name: StreamName; readonly text: string; readonly parent: Parent }>();
  const keyOf = (name: StreamName, parent: Parent): string => `${name} ${parent?.msg_id ?? ""}`;
  const showPlain = (name: StreamName, text: string, parent: Parent): void => {
    const plain = strip(text);
    if (plain !== "") show(name, plain, parent);
  };
  const finish = (key: string): void => {
    const entry = waiting.get(key);
    waiting.delete(key);
    if (entry) showPlain(entry.name, entry.text, entry.parent);
  };
  return {
    take({ name, text }, parent) {
      const key = keyOf(name, parent);
      const whole = (waiting.get(key)?.text ?? "") + text;
      const end = begun.exec(whole)?.index ?? whole.length;
      waiting.delete(key);
      if (end < whole.length) waiting.set(key, { name, text: whole.slice(end), parent });
      showPlain(name, whole.slice(0, end), parent);
      if (waiting.size > maxWaiting) finish(waiting.keys().next().value!);
    },
    end(parent) {
      for (const name of ["stdout", "stderr"] as const) finish(keyOf(name, parent));
    },
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

// An OSC without end, of which Node would take the first letter of its text.
const endless = /\u001B\](?![^\u0007\u001B\u009C\n]*(?:\u0007|\u001B\\|\u009C))/g;

function strip(text: string): string {
  if (!/[\u001B\u009B]/.test(text)) return text;
  return stripVTControlCharacters(text.replaceAll(endless, "")).replaceAll(/[\u001B\u009B]/g, "");
}
