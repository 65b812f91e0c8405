import { normal, rng } from "./random.ts";

/** A day of a random walk. */
export interface WalkDay {
  /** As 2000-01-01. */
  readonly date: string;
  readonly step: number;
  /** Sum of the steps up to this day. */
  readonly value: number;
}

const oneDay = 24 * 60 * 60 * 1000;
const sixDigits = (value: number): number => Number(value.toFixed(6));

/** A random walk of daily steps from 2000-01-01, the same in every run. */
export function walk(days = 1000): WalkDay[] {
  const random = rng(4);
  let value = 0;
  return Array.from({ length: days }, (_, i) => {
    const step = sixDigits(normal(random));
    value = sixDigits(value + step);
    return { date: new Date(Date.UTC(2000, 0, 1) + i * oneDay).toISOString().slice(0, 10), step, value };
  });
}
