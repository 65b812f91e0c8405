import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { carsCsv } from "../../notebooks/data/make-cars.ts";

test("cars.csv is what its package gives", () => {
  expect(readFileSync("notebooks/data/cars.csv", "utf8")).toBe(carsCsv());
});
