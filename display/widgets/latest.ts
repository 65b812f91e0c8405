/** Work whose newest request counts: one run at a time, those between are left out. */
export interface Latest {
  /** Asks for a run that begins now or later; resolves at its end. */
  request(): Promise<void>;
}

/** How long a newer request waits for the run before it is stopped: long enough to see results while a slider moves. */
const patienceMs = 300;

/** Runs `work` at each request, never twice at once. `stop` is to end a run that is no longer wanted. */
export function createLatest(work: () => Promise<void>, stop: () => void): Latest {
  let running = false;
  let wanted: PromiseWithResolvers<void> | undefined;
  let timer: NodeJS.Timeout | undefined;

  async function begin(): Promise<void> {
    running = true;
    try {
      await work();
    } finally {
      running = false;
      clearTimeout(timer);
      timer = undefined;
      const next = wanted;
      wanted = undefined;
      if (next) begin().then(next.resolve, next.reject);
    }
  }

  return {
    request() {
      if (!running) return begin();
      wanted ??= Promise.withResolvers();
      timer ??= setTimeout(stop, patienceMs);
      return wanted.promise;
    },
  };
}
