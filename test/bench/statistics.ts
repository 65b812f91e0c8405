/** A figure's runs, summed up. */
export interface Summary {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** Sums up runs by their median and range. */
export function summarize(runs: readonly number[]): Summary {
  const sorted = runs.toSorted((a, b) => a - b);
  return { median: sorted[Math.floor(sorted.length / 2)]!, min: sorted[0]!, max: sorted.at(-1)! };
}

/** Formats a summary as `12.3 (11.9–14.0)`. */
export function format({ median, min, max }: Summary, digits = 1): string {
  if (Number.isNaN(median)) return "output lost";
  return `${median.toFixed(digits)} (${min.toFixed(digits)}–${max.toFixed(digits)})`;
}
