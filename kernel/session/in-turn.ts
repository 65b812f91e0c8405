/** Messages in their order, although some of them have to wait for what comes another way. */
export interface Turns<T> {
  take(message: T): void;
  /** Resolves when those that wait now have been taken. */
  taken(): Promise<void>;
}

/** Gives each message to `take` in its turn; `before` says what a message waits for, if anything. */
export function createTurns<T>(
  take: (message: T) => void,
  before: (message: T) => Promise<void> | undefined,
): Turns<T> {
  /** What has come since a message waits; undefined while none does. */
  let behind: T[] | undefined;
  let held: Promise<void> | undefined;

  async function hold(queue: T[], ready: Promise<void>): Promise<void> {
    await ready;
    takeOne(queue[0]!);
    for (let at = 1; at < queue.length; at += 1) {
      const message = queue[at]!;
      await before(message);
      takeOne(message);
    }
    behind = undefined;
  }
  /** A fault in taking one is reported as it would be of a pipe's listener, and the others are taken. */
  function takeOne(message: T): void {
    try {
      take(message);
    } catch (error) {
      process.nextTick(() => {
        throw error;
      });
    }
  }
  return {
    take(message) {
      if (behind) {
        behind.push(message);
        return;
      }
      const ready = before(message);
      if (!ready) take(message);
      else {
        behind = [message];
        held = hold(behind, ready);
      }
    },
    taken: async () => held,
  };
}
