import { drawMs } from "./update-pace.ts";

/**
 * The pictures of an animation, each a `clear_output` and what follows it. One that is cleared before anybody could see
 * it is left out.
 */
export interface ClearPace<Item> {
  clear(wait: boolean): void;
  /** Takes an output that came. */
  add(item: Item, bytes: number): void;
  /** Changes an output that waits; false where none fits. */
  replace(fits: (item: Item) => Item | undefined): boolean;
  /** Gives at once all that waits. */
  release(): void;
  /** True while something waits. */
  readonly waits: boolean;
}

/** Outputs that wait after a clear, and the clear that came after them if it waits for the next output itself. */
interface Held<Item> {
  readonly wait: boolean;
  readonly items: Item[];
  bytes: number;
  next?: boolean;
}

const maxHeldItems = 1_000;
const maxHeldBytes = 4 * 1024 * 1024;

/** Creates the pace of one cell's clears; `clear` and `show` get what comes through. */
export function createClearPace<Item>(clear: (wait: boolean) => void, show: (item: Item) => void): ClearPace<Item> {
  let clearedAt = Number.NEGATIVE_INFINITY;
  let shownBytes = 0;
  let held: Held<Item> | undefined;
  let timer: NodeJS.Timeout | undefined;

  function clearNow(wait: boolean): void {
    clearedAt = performance.now();
    shownBytes = 0;
    clear(wait);
  }

  function release(): void {
    clearTimeout(timer);
    timer = undefined;
    if (!held) return;
    const { wait, items, bytes, next } = held;
    held = undefined;
    clearNow(wait);
    for (const item of items) show(item);
    shownBytes = bytes;
    if (next !== undefined) hold(next);
  }

  function hold(wait: boolean): void {
    held = { wait, items: [], bytes: 0 };
    timer ??= setTimeout(release, Math.max(0, clearedAt + drawMs(shownBytes) - performance.now()));
  }

  return {
    release() {
      release();
      release(); // the clear that waited for an output, too
    },
    get waits() {
      return held !== undefined;
    },
    clear(wait) {
      if (!held) {
        if (performance.now() - clearedAt >= drawMs(shownBytes)) clearNow(wait);
        else hold(wait);
      } else if (!wait) held = { wait: false, items: [], bytes: 0 };
      else if (held.items.length > 0) held.next = true;
    },
    add(item, bytes) {
      if (!held) {
        shownBytes += bytes;
        show(item);
        return;
      }
      if (held.next) held = { wait: held.wait, items: [], bytes: 0 };
      held.items.push(item);
      held.bytes += bytes;
      if (held.items.length >= maxHeldItems || held.bytes >= maxHeldBytes) release();
    },
    replace(fits) {
      for (const [at, item] of held?.items.entries() ?? []) {
        const changed = fits(item);
        if (changed === undefined) continue;
        held!.items[at] = changed;
        return true;
      }
      return false;
    },
  };
}
