import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { csv } from "./csv.ts";
import { orders, ordersDirty } from "./orders.ts";
import { walk } from "./walk.ts";

// Writes the generated tables as CSV files, for the chapters that begin with a file.

/** The files by name, with their text. */
export function generatedFiles(): Readonly<Record<string, string>> {
  return { "orders.csv": csv(orders()), "orders-dirty.csv": csv(ordersDirty()), "walk.csv": csv(walk()) };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const [name, text] of Object.entries(generatedFiles())) writeFileSync(new URL(name, import.meta.url), text);
}
