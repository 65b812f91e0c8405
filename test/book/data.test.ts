import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { csv } from "../../notebooks/data/csv.ts";
import { carsCsv } from "../../notebooks/data/make-cars.ts";
import { generatedFiles } from "../../notebooks/data/make-orders.ts";
import { orders, ordersDirty } from "../../notebooks/data/orders.ts";
import { users } from "../../notebooks/data/users.ts";
import { walk } from "../../notebooks/data/walk.ts";
import { weblog } from "../../notebooks/data/weblog.ts";

// The book's figures were computed from data with these sums: mend the generator, not the figure.
const sets = {
  orders: { rows: orders(), count: 1000, sum: "578468dbc0c3" },
  ordersDirty: { rows: ordersDirty(), count: 1020, sum: "45245082c033" },
  users: { rows: users(), count: 10_000, sum: "c40ccc50ac10" },
  walk: { rows: walk(), count: 1000, sum: "8ca03b01ae37" },
};

test.each(Object.entries(sets))("%s are the rows that the book's figures were computed from", (_, set) => {
  expect(set.rows).toHaveLength(set.count);
  const sum = createHash("sha256").update(csv(set.rows)).digest("hex");
  expect(sum.slice(0, 12)).toBe(set.sum);
});

test("weblog has the lines that the book's figures were computed from", () => {
  const lines = weblog();
  expect(lines).toHaveLength(10_000);
  const sum = createHash("sha256")
    .update(`${lines.join("\n")}\n`)
    .digest("hex");
  expect(sum.slice(0, 12)).toBe("f6bde896db74");
});

test.each(Object.entries({ ...generatedFiles(), "cars.csv": carsCsv() }))(
  "%s is what its source gives",
  (name, text) => {
    expect(readFileSync(`notebooks/data/${name}`, "utf8")).toBe(text);
  },
);
