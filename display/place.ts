/** What code writes: a stream's text, a display or its update, `clear_output`, or an error, in Jupyter's own words. */
export interface Written {
  readonly type: string;
  readonly content: Readonly<Record<string, unknown>>;
}

/** Where the output of callbacks goes, whoever calls them. */
export interface Place {
  /**
   * Calls a function at once; what it prints and shows goes to this place, also later, from its timers and promises,
   * and so do errors. Resolves when its promise has settled and its displays are made.
   */
  run(callback: () => unknown): Promise<void>;
  /** Interrupts what still runs here: its pending awaits reject, and signals are aborted. */
  stop(): void;
}

/** How a process places output; the runtime knows its cells, a plain Node program has only the terminal. */
export interface Places {
  /** The output of the cell whose code runs now. */
  here(): Place;
  /** A place that gives what is written to a function. */
  collect(take: (written: Written) => void): Place;
}

const terminal: Place = {
  async run(callback) {
    await callback();
  },
  stop() {},
};

let places: Places = { here: () => terminal, collect: () => terminal };

/** Says how output is placed; called once by the runtime. */
export function setPlaces(host: Places): void {
  places = host;
}

/** Remembers the cell whose code runs now, for callbacks that others will call: what they write belongs to it. */
export function placeHere(): Place {
  return places.here();
}

/** Makes a place whose output is taken by a function; in a plain Node program it goes to the terminal. */
export function collectOutput(take: (written: Written) => void): Place {
  return places.collect(take);
}
