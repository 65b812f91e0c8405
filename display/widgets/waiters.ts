/** Code that waits for changes of a model. */
export interface Waiters {
  next(name: string): Promise<unknown>;
  changes(name: string, isClosed: () => boolean): AsyncIterableIterator<unknown>;
  wake(name: string, value: unknown): void;
  /** No more changes will come: loops end, other waiting rejects. */
  end(): void;
  closedError(): Error;
}

interface Loop {
  readonly name: string;
  /** A value that the loop has not taken yet. */
  fresh: { readonly value: unknown } | undefined;
  /** One for each `next` that waits; which of them takes the value is the order in which they were called. */
  wakers: (() => void)[];
}

/** Creates the waiting room of a model. */
export function createWaiters(): Waiters {
  const waiting = new Map<string, PromiseWithResolvers<unknown>[]>();
  const loops = new Set<Loop>();
  const closedError = (): Error => new Error("this widget was closed: there is nothing more to wait for");

  function changes(name: string, isClosed: () => boolean): AsyncIterableIterator<unknown> {
    // From now on, not from the first `next`: what changes before that is not to be missed.
    const loop: Loop = { name, fresh: undefined, wakers: [] };
    loops.add(loop);
    const leave = (): IteratorResult<unknown> => {
      loops.delete(loop);
      wake(loop);
      return { done: true, value: undefined };
    };
    return {
      [Symbol.asyncIterator]() {
        return this;
      },
      async next() {
        while (!loop.fresh) {
          if (isClosed() || !loops.has(loop)) return leave();
          await new Promise<void>((done) => loop.wakers.push(done));
        }
        const { value } = loop.fresh;
        loop.fresh = undefined;
        return { done: false, value };
      },
      return: () => Promise.resolve(leave()),
    };
  }

  return {
    closedError,
    changes,
    next(name) {
      const waiter = Promise.withResolvers<unknown>();
      waiting.set(name, [...(waiting.get(name) ?? []), waiter]);
      return waiter.promise;
    },
    wake(name, value) {
      const ready = waiting.get(name) ?? [];
      waiting.delete(name);
      for (const { resolve } of ready) resolve(value);
      for (const loop of loops) {
        if (loop.name !== name) continue;
        loop.fresh = { value };
        wake(loop);
      }
    },
    end() {
      for (const { reject } of [...waiting.values()].flat()) reject(closedError());
      waiting.clear();
      for (const loop of loops) wake(loop);
    },
  };
}

function wake(loop: Loop): void {
  for (const waker of loop.wakers.splice(0)) waker();
}
