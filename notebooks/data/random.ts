// Random numbers that are the same in every run: each chapter's data come from these with a fixed seed.

/** Makes a generator of numbers from 0 up to 1 (mulberry32); the same seed gives the same numbers. */
export function rng(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d_2b_79_f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Draws an integer from 0 up to, and without, `n`. */
export function int(random: () => number, n: number): number {
  return Math.floor(random() * n);
}

/** Draws one of the items. */
export function pick<T>(random: () => number, items: readonly T[]): T {
  return items.at(int(random, items.length))!;
}

/** Draws the index of a weight, each as often as its share of their sum. */
export function weighted(random: () => number, weights: readonly number[]): number {
  let rest = random() * weights.reduce((sum, weight) => sum + weight, 0);
  const index = weights.findIndex((weight) => (rest -= weight) < 0);
  return index === -1 ? weights.length - 1 : index;
}

/** Draws from the normal distribution of mean 0 and deviation 1 (Box and Muller's method; it takes two draws). */
export function normal(random: () => number): number {
  const u = 1 - random();
  const v = random();
  return Math.sqrt(-2 * Math.log(u)) * Math.cos(2 * Math.PI * v);
}

/** Gives the items in another order (Fisher and Yates's method). */
export function shuffle<T>(random: () => number, items: readonly T[]): T[] {
  const shuffled = [...items];
  for (let i = shuffled.length - 1; i > 0; i--) {
    const j = int(random, i + 1);
    [shuffled[i], shuffled[j]] = [shuffled.at(j)!, shuffled.at(i)!];
  }
  return shuffled;
}
