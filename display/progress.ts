import { randomUUID } from "node:crypto";
import type { MimeBundle } from "./mimebundle.ts";
import { currentOutput, type Output } from "./output.ts";
import { read } from "./property.ts";
import { inOrder } from "./queue.ts";
import { clip, escapeHtml, formatCount } from "./text.ts";

/** What a progress bar says. */
export interface ProgressOptions {
  /** How many steps there are; found by itself for arrays, Sets, Maps and Arrow tables. */
  readonly total?: number;
  readonly label?: string;
  /** Noun of the steps: `rows`. `bytes` are written in kB, MB, GB. */
  readonly unit?: string;
}

/** A bar moved by hand. */
export interface ProgressBar {
  advance(steps?: number): void;
  /** Sets the steps done so far, the total where it is known only now, and the bytes of the steps where they matter. */
  set(done: number, total?: number, bytes?: number): void;
  /** Shows something below the bar, such as the first rows, until the final line; `undefined` takes it away. */
  preview(bundle: MimeBundle | undefined): void;
  /** Writes the final line. */
  done(): void;
  /** Writes the final line of work that did not end. */
  fail(): void;
}

/** Wraps a loop: `for (const row of progress(rows)) …`, `for await (const part of progress(stream, { total }))`. */
export interface Progress {
  <T>(steps: Iterable<T>, options?: ProgressOptions): Iterable<T>;
  <T>(steps: AsyncIterable<T>, options?: ProgressOptions): AsyncIterable<T>;
  /** Counts from 0 to `total - 1`. */
  (total: number, options?: ProgressOptions): Iterable<number>;
  start(options?: ProgressOptions): ProgressBar;
}

/** Time between two updates, in ms: four a second. */
const updateMs = 250;

/** Shows how far a loop is. */
export const progress: Progress = Object.assign(
  <T>(steps: Iterable<T> | AsyncIterable<T> | number, options: ProgressOptions = {}) => {
    if (typeof steps === "number") return walk(count(steps), { total: steps, ...options });
    if (Symbol.asyncIterator in steps) return walkAsync(steps, options);
    const total = totalOf(steps);
    return walk(steps, total === undefined ? options : { total, ...options });
  },
  { start: (options: ProgressOptions = {}) => startBar(options) },
) as Progress;

function* count(total: number): Generator<number> {
  for (let step = 0; step < total; step++) yield step;
}

function totalOf(steps: object): number | undefined {
  const total = read(steps, "length") ?? read(steps, "size") ?? read(steps, "numRows");
  return typeof total === "number" ? total : undefined;
}

function* walk<T>(steps: Iterable<T>, options: ProgressOptions): Generator<T> {
  const bar = startBar(options);
  let ended = false;
  try {
    for (const step of steps) {
      yield step;
      bar.advance();
    }
    ended = true;
  } finally {
    // A `break` or an error in the loop's body arrives here too.
    if (ended) bar.done();
    else bar.fail();
  }
}

async function* walkAsync<T>(steps: AsyncIterable<T>, options: ProgressOptions): AsyncGenerator<T> {
  const bar = startBar(options);
  let ended = false;
  try {
    for await (const step of steps) {
      yield step;
      bar.advance();
    }
    ended = true;
  } finally {
    if (ended) bar.done();
    else bar.fail();
  }
}

/** How a bar stands. */
interface State {
  done: number;
  total: number | undefined;
  bytes: number | undefined;
  readonly label: string;
  readonly unit: string;
  readonly elapsedMs: number;
  readonly phase: "running" | "done" | "failed";
}

function startBar({ total, label = "", unit = "" }: ProgressOptions): ProgressBar {
  const output: Output = currentOutput();
  const displayId = randomUUID();
  const begun = performance.now();
  const steps: Pick<State, "done" | "total" | "bytes"> = { done: 0, total, bytes: undefined };
  let shown = Number.NEGATIVE_INFINITY;
  let ended = false;
  let begunShowing = false;
  let below: MimeBundle | undefined;
  const write = (phase: State["phase"]): void => {
    const state: State = { ...steps, label, unit, elapsedMs: performance.now() - begun, phase };
    if (!output.interactive) {
      if (phase !== "running") output.stream("stdout", `${formatProgress(state)}\n`);
      return;
    }
    const update = begunShowing;
    begunShowing = true;
    const shownBelow = phase === "running" ? below : undefined;
    inOrder(
      output,
      progressBundle(state, shownBelow),
      (bundle) => bundle && output.display(bundle, { displayId, update }),
    );
  };
  const move = (): void => {
    const now = performance.now();
    if (ended || now - shown < updateMs) return;
    shown = now;
    write("running");
  };
  const end = (phase: "done" | "failed"): void => {
    if (ended) return;
    ended = true;
    write(phase);
  };
  move();
  return {
    preview(bundle) {
      if (ended) return;
      below = bundle;
      shown = performance.now();
      write("running");
    },
    advance: (by = 1) => {
      steps.done += by;
      move();
    },
    set: (done, newTotal = steps.total, bytes = steps.bytes) => {
      steps.bytes = bytes;
      steps.done = done;
      steps.total = newTotal;
      move();
    },
    done: () => end("done"),
    fail: () => end("failed"),
  };
}

function progressBundle(state: State, below: MimeBundle | undefined): MimeBundle {
  const parts = [{ "text/html": toHtml(state), "text/plain": formatProgress(state) }, below?.data ?? {}];
  const joined = (type: string, between: string): string =>
    parts.flatMap((part) => (typeof part[type] === "string" ? [part[type]] : [])).join(between);
  return { data: { "text/html": joined("text/html", ""), "text/plain": joined("text/plain", "\n") }, metadata: {} };
}

/** Width of a bar in characters. */
const barWidth = 12;

/** Writes a bar as one line: `parsing ▕████████░░░░▏ 62 % · 1,204,000 rows · 3.1 s · 388,000 rows/s · 1.9 s left`. */
function formatProgress(state: State): string {
  const part = partOf(state);
  const filled = Math.round((part ?? 0) * barWidth);
  const bar = part === undefined ? "" : `▕${"█".repeat(filled)}${"░".repeat(barWidth - filled)}▏`;
  return [clip(state.label, 80), bar, words(state)].filter((text) => text !== "").join(" ");
}

function partOf({ done, total }: State): number | undefined {
  return total === undefined || !(total > 0) ? undefined : Math.min(1, Math.max(0, done / total));
}

function words(state: State): string {
  const { done, total, bytes, unit, elapsedMs, phase } = state;
  const part = partOf(state);
  const seconds = elapsedMs / 1000;
  const rate = seconds > 0.05 ? done / seconds : 0;
  const left = phase === "running" && part !== undefined && rate > 0 ? ((total ?? 0) - done) / rate : undefined;
  return [
    part === undefined ? "" : `${Math.floor(part * 100)} %`,
    formatAmount(done, unit),
    bytes === undefined ? "" : formatAmount(bytes, "bytes"),
    formatSeconds(seconds),
    rate >= 1 ? `${formatAmount(Math.round(rate), unit)}/s` : "",
    left !== undefined && left > 0 && seconds > 1 ? `${formatSeconds(left)} left` : "",
    phase === "failed" ? "stopped" : "",
  ]
    .filter((text) => text !== "")
    .join(" · ");
}

function formatAmount(amount: number, unit: string): string {
  if (unit !== "bytes") return unit === "" ? formatCount(amount) : `${formatCount(amount)} ${unit}`;
  const names = ["B", "kB", "MB", "GB", "TB"];
  const power = Math.min(names.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, amount)) / 3)));
  return `${(amount / 1000 ** power).toFixed(power === 0 ? 0 : 1)} ${names[power]}`;
}

function formatSeconds(seconds: number): string {
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  const minutes = Math.floor(seconds / 60);
  const rest = String(Math.floor(seconds % 60)).padStart(2, "0");
  return minutes < 60 ? `${minutes} min ${rest} s` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** Draws a bar by two boxes, for front ends that sanitise: no progress element, no script. */
function toHtml(state: State): string {
  const part = partOf(state);
  const colour = {
    running: "var(--jp-brand-color1,var(--vscode-progressBar-background,#4269d0))",
    done: "var(--jp-success-color1,#3a9d5d)",
    failed: "var(--jp-error-color1,#d64545)",
  }[state.phase];
  const percent = ((part ?? 0) * 100).toFixed(1);
  const bar =
    part === undefined
      ? ""
      : `<span style="display:inline-block;width:180px;height:8px;border-radius:4px;overflow:hidden;background:rgba(128,128,128,.25)"><span style="display:block;width:${percent}%;height:8px;background:${colour}"></span></span>`;
  const label = state.label && `<span>${escapeHtml(clip(state.label, 80))}</span>`;
  const text = `<span style="opacity:.8;font-variant-numeric:tabular-nums">${escapeHtml(words(state))}</span>`;
  return `<div style="display:flex;align-items:center;gap:10px;padding:4px 7px;font-size:13px;color:var(--jp-content-font-color1,inherit)">${label}${bar}${text}</div>`;
}
