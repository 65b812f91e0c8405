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

/** Time from the beginning of a run to the next one's: more than a person sees would keep others from their turn. */
const intervalMs = 40;

/** What is done at each request. */
export interface LatestWork {
  /** Resolves with false where the person interrupted it: what was asked for meanwhile is left out. */
  run(): Promise<boolean>;
  /** Ends a run that is no longer wanted. */
  stop(): void;
  /** Waits between two runs; resolves with false where the person interrupts that. */
  pause(ms: number): Promise<boolean>;
}

/** Does work at each request. It may ask for its own next run, even each time: others have their turn between. */
export function createLatest(work: LatestWork): Latest {
  let current: symbol | undefined;
  let wanted: PromiseWithResolvers<void> | undefined;
  let timer: NodeJS.Timeout | undefined;
  let rests = false;

  async function begin(): Promise<void> {
    const run = Symbol("run");
    const began = performance.now();
    current = run;
    let whole = true;
    try {
      whole = await work.run();
    } finally {
      if (current === run) void rest(began, whole);
    }
  }

  /** Lets messages, cells and the interrupt in before the next run. */
  async function rest(began: number, whole: boolean): Promise<void> {
    rests = true;
    endPatience();
    await new Promise((done) => setImmediate(done));
    const goesOn = whole && (!wanted || (await work.pause(Math.max(1, intervalMs - (performance.now() - began)))));
    rests = false;
    goOn(goesOn);
  }

  function endPatience(): void {
    clearTimeout(timer);
    timer = undefined;
  }

  /** The current run is over, or is given up. */
  function goOn(goesOn: boolean): void {
    endPatience();
    current = undefined;
    const next = wanted;
    wanted = undefined;
    if (goesOn && next) begin().then(next.resolve, next.reject);
    else next?.resolve();
  }

  return {
    request() {
      if (!current) return begin();
      wanted ??= Promise.withResolvers();
      if (rests) return wanted.promise;
      timer ??= setTimeout(() => {
        timer = setTimeout(() => goOn(true), patienceMs);
        work.stop();
      }, patienceMs);
      return wanted.promise;
    },
  };
}
