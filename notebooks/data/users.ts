import { int, pick, rng } from "./random.ts";

/** A user of a shop. */
export interface User {
  readonly id: number;
  /** As user00042. */
  readonly username: string;
  /** 18 to 77. */
  readonly age: number;
  /** A country's code of two letters. */
  readonly country: string;
}

/** Users with numbers from 1, the same in every run. */
export function users(count = 10_000): User[] {
  const random = rng(1);
  const countries = ["BR", "CN", "DE", "IN", "JP", "KE", "MX", "US"];
  return Array.from({ length: count }, (_, i) => ({
    id: i + 1,
    username: `user${String(i + 1).padStart(5, "0")}`,
    age: 18 + int(random, 60),
    country: pick(random, countries),
  }));
}
