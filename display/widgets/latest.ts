/** Work whose newest request counts: one run at a time, those between are left out. */
export interface Latest {
  /** Asks for a run that begins now or later; resolves at its end. */
  request(): Promise<void>;
}

/**
 * How long a newer request waits for the run before it is stopped, long enough to see results while a slider moves;
 * and then for the end of what was stopped. Code that was terminated never ends, and some does not heed a stop.
 */
const patienceMs = 300;

/** Runs `work` at each request. `stop` is to end a run that is no longer wanted. */
export function createLatest(work: () => Promise<void>, stop: () => void): Latest {
  let current: symbol | undefined;
  let wanted: PromiseWithResolvers<void> | undefined;
  let timer: NodeJS.Timeout | undefined;

  async function begin(): Promise<void> {
    const run = Symbol("run");
    current = run;
    try {
      await work();
    } finally {
      if (current === run) goOn();
    }
  }

  /** The current run is over, or is given up. */
  function goOn(): void {
    clearTimeout(timer);
    timer = undefined;
    current = undefined;
    const next = wanted;
    wanted = undefined;
    if (next) begin().then(next.resolve, next.reject);
  }

  return {
    request() {
      if (!current) return begin();
      wanted ??= Promise.withResolvers();
      timer ??= setTimeout(() => {
        timer = setTimeout(goOn, patienceMs);
        stop();
      }, patienceMs);
      return wanted.promise;
    },
  };
}
