import { randomUUID } from "node:crypto";
import type { StreamName } from "../protocol/contents.ts";
import type { Publication } from "../runtime/link.ts";
import {
  type LeftOut,
  type LimitName,
  type LimitOf,
  describeGap,
  describeHeld,
  describeLeftOut,
} from "./limit-notice.ts";
import { type TextLimit, createTextLimit } from "./text-limit.ts";

/** Where output that fits goes. */
export interface Emit {
  stream(name: StreamName, text: string): void;
  publish(publication: Publication): void;
}

/** The output of one cell, within the limits: its beginning, its end, and a notice of what is missing between them. */
export interface BoundedOutput {
  stream(name: StreamName, text: string): void;
  /** Publishes whatever is no update, `bytes` long. */
  publish(publication: Publication, bytes: number): void;
  /** Changes a display that was kept for the end; false where none fits. */
  replace(fits: (publication: Publication) => Publication | undefined): boolean;
  /** True when displays do not pass any more. */
  readonly displaysOver: boolean;
  /** True when something was left out, or is kept for the end. */
  readonly cut: boolean;
  /** Begins anew: what was shown has been cleared. */
  clear(): void;
  /** Shows what was kept, at the cell's end or before it asks a question. */
  showTail(): void;
  /** The cell has ended: what comes from its timers beyond the limits is counted in the notice, with its last lines. */
  end(): void;
}

// Together with the head less than Jupyter Server's limit of 3 MB in 3 s, beyond which it drops results and errors too.
const tailBytes: number = 100 * 1024;
const lateTailBytes = 1_024;
const keptDisplays = 10;
const keptDisplayBytes = 16 * 1024 * 1024;
// A short flood is told once, at its end; a long one while it goes on, too.
const firstNoticeMs = 500;
const nextNoticeMs = 1_000;
const lastLines = 5;
// Displays among a flood of text come after the end of the text before them, as often as this.
const spareTails = 4;
const spareTailBytes = 20 * 1024;

interface KeptDisplay {
  publication: Publication;
  readonly bytes: number;
  readonly order: number;
}

/** Creates the output of a cell; `limit` says the limits as they are now. */
export function createBoundedOutput(limit: LimitOf, emit: Emit): BoundedOutput {
  let text: TextLimit;
  let displays: number;
  let displayBytes: number;
  let kept: KeptDisplay[];
  let left: { bytes: number; lines: number; displays: number };
  let displayLimit: LimitName;
  let order: number;
  let tails: number;
  let noticeId: string | undefined;
  let timer: NodeJS.Timeout | undefined;
  let ended = false;
  const bounds = {
    get headBytes() {
      return limit("output.text");
    },
    get changes() {
      return limit("output.displays");
    },
    get tailBytes() {
      return ended ? lateTailBytes : tailBytes;
    },
  };
  begin();

  function begin(): void {
    clearTimeout(timer);
    timer = undefined;
    text = createTextLimit(bounds);
    displays = 0;
    displayBytes = 0;
    kept = [];
    left = { bytes: 0, lines: 0, displays: 0 };
    displayLimit = "output.displays";
    order = 0;
    tails = 0;
    noticeId = undefined;
  }

  function showNotice(words: string): void {
    const update = noticeId !== undefined;
    noticeId ??= randomUUID();
    const content = { data: { "text/plain": words }, metadata: {}, transient: { display_id: noticeId } };
    emit.publish({ type: update ? "update_display_data" : "display_data", content });
  }

  function leftOut(held: { readonly bytes: number; readonly lines: number; readonly displays: number }): LeftOut {
    return {
      text: { bytes: left.bytes + held.bytes, lines: left.lines + held.lines },
      textLimit: text.limit,
      displays: left.displays + held.displays,
      displayLimit,
    };
  }

  function tellLater(): void {
    timer ??= setTimeout(
      () => {
        timer = undefined;
        const amounts = leftOut({ ...text.held, displays: kept.length });
        showNotice(describeHeld(amounts, text.lastLines(lastLines), limit));
      },
      noticeId === undefined ? firstNoticeMs : nextNoticeMs,
    );
  }

  function keep(publication: Publication, bytes: number): void {
    kept.push({ publication, bytes, order: (order += 1) });
    order += 1; // the text after it
    let sum = kept.reduce((total, display) => total + display.bytes, 0);
    while (kept.length > 1 && (kept.length > (ended ? 1 : keptDisplays) || sum > keptDisplayBytes)) {
      sum -= kept.shift()!.bytes;
      left.displays += 1;
    }
    tellLater();
  }

  function showTail(bytes: number): void {
    const { pieces, left: missing } = text.drain(bytes);
    const displayed = kept;
    kept = [];
    left.bytes += missing.bytes;
    left.lines += missing.lines;
    clearTimeout(timer);
    timer = undefined;
    const words = describeLeftOut(leftOut({ bytes: 0, lines: 0, displays: 0 }), limit);
    const again = noticeId !== undefined && tails > 0;
    if (words !== "") showNotice(words);
    else if (noticeId !== undefined) showNotice("");
    if (again && missing.bytes > 0) emit.stream(pieces[0]?.name ?? "stdout", `${describeGap(missing)}\n`);
    tails += 1;
    const items = [
      ...pieces.map(({ order: at, name, text: piece }) => ({ at, show: () => emit.stream(name, piece) })),
      ...displayed.map(({ order: at, publication }) => ({ at, show: () => emit.publish(publication) })),
    ];
    for (const { show } of items.toSorted((a, b) => a.at - b.at)) show();
  }

  function holds(): boolean {
    return kept.length > 0 || text.held.bytes > 0;
  }

  return {
    stream(name, piece) {
      if (text.raised) {
        if (holds()) showTail(tailBytes);
        text.resume();
      }
      const head = text.take(name, piece, order);
      if (head !== "") emit.stream(name, head);
      if (text.over) tellLater();
    },
    publish(publication, bytes) {
      const { type } = publication;
      if (type !== "display_data" && type !== "error") {
        if (type === "execute_result" && holds()) showTail(tailBytes);
        emit.publish(publication);
        return;
      }
      const full = displays >= limit("output.displays");
      if (full || displayBytes >= limit("output.data")) {
        displayLimit = full ? "output.displays" : "output.data";
        keep(publication, bytes);
        return;
      }
      if (holds() && !ended) {
        if (tails < spareTails) showTail(spareTailBytes);
        else if (type === "error") {
          keep(publication, bytes); // the last text comes before it
          return;
        }
      }
      displays += 1;
      displayBytes += bytes;
      emit.publish(publication);
    },
    replace(fits) {
      for (const display of kept) {
        const changed = fits(display.publication);
        if (!changed) continue;
        display.publication = changed;
        return true;
      }
      return false;
    },
    get displaysOver() {
      return displays >= limit("output.displays") || displayBytes >= limit("output.data");
    },
    get cut() {
      return text.over || kept.length > 0 || noticeId !== undefined;
    },
    clear: begin,
    showTail() {
      if (holds()) showTail(bounds.tailBytes);
    },
    end() {
      if (holds() && !ended) showTail(tailBytes);
      ended = true;
    },
  };
}
