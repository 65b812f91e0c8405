import type { Publication } from "../runtime/link.ts";

/** Updates of displays, of which front ends get no more than they can draw: of many for one display the latest. */
export interface UpdatePace<Owner> {
  /** Publishes an update now or soon, unless a newer one of the same display comes before. */
  add(owner: Owner, id: string, publication: Publication, bytes: number): void;
  /** Drops what waits for a display, which is shown anew. */
  drop(id: string): void;
  /** Publishes at once what waits of this owner. */
  flush(owner: Owner): void;
  /** Undefined while more may wait, or else what to wait for before more is added. */
  room(): Promise<void> | undefined;
}

/** How long a front end gets for an update or a new picture of so many bytes: 50 ms, and 1 ms for each 4 KB. */
export function drawMs(bytes: number): number {
  return Math.min(1_000, Math.max(50, bytes / 4_096));
}

// Jupyter Server drops messages beyond 1,000 a second; this makes 500.
const updatesPerTick = 25;
// More may be for a single display only, whose latest update is all that waits.
const maxWaitingBytes = 32 * 1024 * 1024;

/** Creates the pace of all displays of a kernel. */
export function createUpdatePace<Owner>(emit: (owner: Owner, publication: Publication) => void): UpdatePace<Owner> {
  const waiting = new Map<
    string,
    { readonly owner: Owner; readonly publication: Publication; readonly bytes: number }
  >();
  let waitingBytes = 0;
  let timer: NodeJS.Timeout | undefined;
  let roomAgain: PromiseWithResolvers<void> | undefined;

  function isFull(): boolean {
    return waiting.size > 1 && waitingBytes > maxWaitingBytes;
  }

  function take(id: string): void {
    waitingBytes -= waiting.get(id)?.bytes ?? 0;
    waiting.delete(id);
    if (isFull()) return;
    roomAgain?.resolve();
    roomAgain = undefined;
  }

  function tick(): void {
    timer = undefined;
    let sent = 0;
    let sentBytes = 0;
    for (const [id, { owner, publication, bytes }] of waiting) {
      take(id);
      emit(owner, publication);
      sent += 1;
      sentBytes += bytes;
      if (sent === updatesPerTick || drawMs(sentBytes) > 50) break;
    }
    if (sent > 0) timer = setTimeout(tick, drawMs(sentBytes));
  }

  return {
    add(owner, id, publication, bytes) {
      // The one that waited longest is next, however often it is renewed.
      waitingBytes += bytes - (waiting.get(id)?.bytes ?? 0);
      waiting.set(id, { owner, publication, bytes });
      if (!timer) tick();
    },
    drop: take,
    flush(owner) {
      for (const [id, entry] of waiting) {
        if (entry.owner !== owner) continue;
        take(id);
        emit(owner, entry.publication);
      }
    },
    room() {
      if (!isFull()) return undefined;
      roomAgain ??= Promise.withResolvers();
      return roomAgain.promise;
    },
  };
}
