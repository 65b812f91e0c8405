import { join } from "node:path";
import { addConnection, removeConnection } from "../../../../magics/connections/registry.ts";
import { createHandle } from "../../../../magics/sql/handle.ts";

// A program of its own, run with --expose-gc: connections to DuckDB are dropped, closed and opened while their results are
// read. A mistake there ends the process with a signal.

const [, , folder = "", rounds = "3"] = process.argv;
const db = createHandle("amid");
const { gc } = globalThis as { gc?: () => void };
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
let seen = 0;

async function open(): Promise<AsyncGenerator<unknown, void>> {
  const stream = db.sql`select i, repeat('x', 40) as t from range(200000) r(i)`.stream();
  if (!(await stream.next()).done) seen++;
  return stream;
}

for (let round = 0; round < Number(rounds); round++) {
  await addConnection("amid", `duckdb:${join(folder, `${round % 2}.duckdb`)}`, "%connect");
  const kept = await open();
  // Nobody holds these any more.
  for (let i = 0; i < 6; i++) await open();
  gc?.();
  await turn();
  const transaction = db.transaction(async (tx) => {
    await tx.sql`create or replace table t as select 1 as a`;
    gc?.();
    await turn();
    await tx.sql`insert into t from range(100000)`;
  });
  const next = kept.next();
  if (round % 2 === 0) await Promise.allSettled([transaction, next]);
  await Promise.allSettled([removeConnection("amid"), transaction, next]);
  // Refused, and no harm.
  await Promise.allSettled([kept.next(), kept.return()]);
  gc?.();
}
process.stdout.write(`${seen} streams`);
