import { int, pick, rng, shuffle } from "./random.ts";

/** An order of a shop. */
export interface Order {
  readonly order_id: number;
  /** ISO 8601, in UTC. */
  readonly timestamp: string;
  readonly region: string;
  readonly category: string;
  readonly units: number;
  /** What the order costs, in the shop's currency; null where it was lost. */
  readonly value: number | null;
}

const sixHours = 6 * 60 * 60 * 1000;

/** Orders six hours apart from 2024-01-01, the same in every run. */
export function orders(count = 1000): Order[] {
  const random = rng(2);
  return Array.from({ length: count }, (_, i) => {
    const region = pick(random, ["east", "north", "south", "west"]);
    const category = pick(random, ["books", "games", "music", "tools"]);
    const units = 1 + int(random, 5);
    const price = 5 + int(random, 9500) / 100;
    const timestamp = new Date(Date.UTC(2024, 0, 1) + i * sixHours).toISOString();
    return { order_id: i + 1, timestamp, region, category, units, value: Math.round(units * price * 100) / 100 };
  });
}

/** The orders with the faults that data have: 37 values lost (38, as one of these rows is doubled), 12 regions misspelt, 20 rows doubled. */
export function ordersDirty(): Order[] {
  const random = rng(3);
  const rows = orders();
  const places = rows.map((_, i) => i);
  // The first row keeps its value, so a fill from the row before has something to begin with.
  for (const i of shuffle(random, places.slice(1)).slice(0, 37)) rows[i] = { ...rows.at(i)!, value: null };
  for (const i of shuffle(random, places).slice(0, 12)) {
    rows[i] = { ...rows.at(i)!, region: ` ${rows.at(i)!.region.toUpperCase()} ` };
  }
  const doubled = new Set(shuffle(random, places).slice(0, 20));
  return rows.flatMap((row, i) => (doubled.has(i) ? [row, { ...row }] : [row]));
}
