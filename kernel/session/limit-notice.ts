import { formatBytes } from "../setting-kinds.ts";
import { type SettingName, describeSetting, formatSetting } from "../settings.ts";
import type { Amount } from "./text-limit.ts";

/** The limit that an output has reached. */
export type LimitName = Extract<SettingName, `output.${string}`>;

/** What was left out of a cell's output. */
export interface LeftOut {
  readonly text: Amount;
  /** The limit that the text has reached. */
  readonly textLimit: LimitName;
  readonly displays: number;
  readonly displayLimit: LimitName;
}

/** Says what was left out and what shows more of it; empty where nothing was. */
export function describeLeftOut({ text, textLimit, displays, displayLimit }: LeftOut, limit: LimitOf): string {
  const lines: string[] = [];
  if (text.bytes > 0) lines.push(`… ${describeText(text)} left out. ${howToRaise(textLimit, limit)}`);
  if (displays > 0) lines.push(`… ${formatCount(displays)} displays left out. ${howToRaise(displayLimit, limit)}`);
  return lines.map(highlight).join("\n");
}

/** Says in the middle of a text that some of it is missing. */
export function describeGap(text: Amount): string {
  return highlight(`… ${describeText(text)} left out`);
}

/** Says while a cell goes on what was held back so far, with the last lines. */
export function describeHeld(leftOut: LeftOut, lastLines: readonly string[], limit: LimitOf): string {
  const { text, textLimit, displays, displayLimit } = leftOut;
  const parts = [
    text.bytes > 0 ? `${describeText(text)} ${beyond(textLimit, limit)}` : "",
    displays > 0 ? `${formatCount(displays)} displays ${beyond(displayLimit, limit)}` : "",
  ].filter((part) => part !== "");
  const head = `… the output goes on: ${parts.join(", ")} so far${lastLines.length > 0 ? ", the last:" : ""}`;
  return [highlight(head), ...lastLines].join("\n");
}

/** The limits as they are. */
export type LimitOf = (name: LimitName) => number;

function describeText({ bytes, lines }: Amount): string {
  if (lines === 0) return `${formatBytes(bytes)} of one line`;
  return `${formatCount(lines)} ${lines === 1 ? "line" : "lines"} (${formatBytes(bytes)})`;
}

function limitText(name: LimitName, limit: LimitOf): string {
  return `${formatSetting(name, limit(name))}${name === "output.displays" ? " outputs" : ""}`;
}

function beyond(name: LimitName, limit: LimitOf): string {
  return Number.isFinite(limit(name)) ? `beyond the limit of ${limitText(name, limit)}` : "beyond the limit";
}

function howToRaise(name: LimitName, limit: LimitOf): string {
  if (!Number.isFinite(limit(name))) return `There is no limit ${name} now`;
  const more = formatSetting(name, limit(name) * 10);
  return `%config ${name} = ${more}, or ${describeSetting(name).env}, raises the limit of ${limitText(name, limit)}`;
}

function formatCount(count: number): string {
  return count.toLocaleString("en-US");
}

function highlight(line: string): string {
  return `\u001B[33m${line}\u001B[39m`;
}
