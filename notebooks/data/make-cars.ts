import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

// Writes cars.csv from the npm package vega-datasets (fuel use and power of 406 car models, 1970 to 1982).

/** Formats the package's cars as CSV; an absent figure is an empty field. */
export function carsCsv(): string {
  const entry = createRequire(import.meta.url).resolve("vega-datasets");
  const cars = JSON.parse(readFileSync(join(dirname(entry), "../data/cars.json"), "utf8")) as Record<
    string,
    string | number | null
  >[];
  const columns = Object.keys(cars.at(0)!);
  const toField = (value: string | number | null | undefined): string => {
    const text = `${value ?? ""}`;
    return /[",\n]/.test(text) ? JSON.stringify(text) : text;
  };
  const lines = [columns.join(","), ...cars.map((car) => columns.map((name) => toField(car[name])).join(","))];
  return `${lines.join("\n")}\n`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(new URL("cars.csv", import.meta.url), carsCsv());
}
