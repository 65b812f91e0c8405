import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Asker, startServer } from "../../magics/up/start.ts";
import { stopServer } from "../../magics/up/stop.ts";
import { type TestKernel, seen, startTestKernel } from "../kernel/harness.ts";
import { format, summarize } from "./statistics.ts";

// What a person at a notebook waits for, by engine: what a query adds to the driver's own round trip, when the first rows of
// ten million are on screen, and how long an interrupt takes: `node test/bench/sql-kernel.ts [ROUNDS]`.

interface Engine {
  readonly name: string;
  /** Defines `driver()`, which asks for `select 1` by the driver alone. */
  readonly driver: string;
  readonly millions: string;
  readonly endless: string;
}

const engines: readonly Engine[] = [
  {
    name: "duckdb",
    driver: "",
    millions: "select i, md5(i::varchar) t from range(10000000) x(i)",
    endless: "select count(*) from range(100000000) a, range(1000000) b where a.range * b.range % 7 = 3",
  },
  {
    name: "sqlite",
    driver: `import { DatabaseSync } from "node:sqlite";
const plain = new DatabaseSync(":memory:");
const driver = async () => plain.prepare("select 1 as a").all();`,
    millions:
      "with recursive n(i) as (select 0 union all select i + 1 from n where i < 9999999) select i, hex(i) t from n",
    endless: "with recursive n(i) as (select 0 union all select i + 1 from n) select count(*) from n where i % 7 = 9",
  },
  {
    name: "postgres",
    driver: `import pg from ${JSON.stringify(import.meta.resolve("pg"))};
const client = new pg.Client({ connectionString: process.env.BENCH_postgres });
await client.connect();
const driver = () => client.query("select 1 as a");`,
    millions: "select i, md5(i::text) t from (select generate_series(1, 10000000) i) x",
    endless: "select pg_sleep(100)",
  },
  {
    name: "mysql",
    driver: `import { createConnection } from ${JSON.stringify(import.meta.resolve("mysql2/promise"))};
const connection = await createConnection(process.env.BENCH_mysql!);
const driver = () => connection.execute("select 1 as a");`,
    millions: "select seq as i, md5(seq) t from seq_1_to_10000000",
    endless: "select sleep(100)",
  },
];

const signal = new AbortController().signal;
const asker: Asker = { signal, who: "bench", say: () => {}, step: (_label, _folder, work) => work() };

/** Times from a cell's request to the first message that fits. */
async function timeTo(kernel: TestKernel, code: string, fits: (content: string) => boolean): Promise<number> {
  const start = performance.now();
  const found = seen(
    kernel,
    ({ header, content }) => /display|stream/.test(header.msg_type) && fits(JSON.stringify(content)),
  );
  const cell = kernel.run(code);
  await found;
  const ms = performance.now() - start;
  void kernel.request("interrupt_request", {}, { channel: "control" });
  await cell;
  return ms;
}

async function measure(
  kernel: TestKernel,
  { name, driver, millions, endless }: Engine,
  rounds: number,
): Promise<string[]> {
  const setUp = await kernel.run(
    `import { connect } from "typhoon-kernel";\nvar db = await connect(${JSON.stringify(name)});\n${driver.replaceAll("const ", "var ")}`,
  );
  if (setUp.error) throw new Error(setUp.error);
  const figures: Record<string, number[]> = { added: [], first: [], screen: [], interrupt: [] };
  for (let round = 0; round < rounds; round++) {
    const loop = (call: string): string =>
      `var t0 = performance.now(); for (let i = 0; i < 300; i++) await ${call}; (performance.now() - t0) / 300`;
    const ours = Number((await kernel.run(loop("db.sql`select 1 as a`"))).result);
    const theirs = driver === "" ? 0 : Number((await kernel.run(loop("driver()"))).result);
    figures["added"]!.push(ours - theirs);
    const stream = `for await (const batch of db.sql\`${millions}\`.stream()) { console.log("first", batch.numRows); await new Promise(() => {}); }`;
    figures["first"]!.push(await timeTo(kernel, stream, (text) => text.includes("first")));
    figures["screen"]!.push(await timeTo(kernel, `%%sql ${name}\n${millions}`, (text) => text.includes("<table")));
    const busy = seen(kernel, ({ header }) => header.msg_type === "execute_input");
    const cell = kernel.run(`%%sql ${name}\n${endless}`);
    await busy;
    const start = performance.now();
    void kernel.request("interrupt_request", {}, { channel: "control" });
    await cell;
    figures["interrupt"]!.push(performance.now() - start);
  }
  const after = figures["screen"]!.map((ms, i) => ms - figures["first"]![i]!);
  return [figures["added"]!, figures["first"]!, after, figures["interrupt"]!].map((runs) => format(summarize(runs), 2));
}

const rounds = Number(process.argv[2] ?? 5);
const folder = mkdtempSync(join(tmpdir(), "typhoon-bench-"));
mkdirSync(folder, { recursive: true });
const env: Record<string, string> = {};
const names = { postgres: `bench-postgres-${process.pid}`, mysql: `bench-mysql-${process.pid}` };
for (const [recipe, name] of Object.entries(names)) {
  const { server } = await startServer(recipe, { name }, asker);
  env[`BENCH_${recipe}`] = server.url();
}
const url: Record<string, string> = {
  duckdb: "duckdb::memory:",
  sqlite: "sqlite::memory:",
  ...Object.fromEntries(Object.entries(env).map(([key, text]) => [key.slice(6), text])),
};
const toml = engines.map(({ name }) => `[${name}]\nurl = ${JSON.stringify(url[name])}\n`).join("");
writeFileSync(join(folder, "connections.toml"), toml.replace("[duckdb]", "[duck]"), { mode: 0o600 });
const kernel = await startTestKernel({ folder, env });
console.log(
  "| engine | `select 1` beyond the driver (ms) | first batch (ms) | on screen after it (ms) | interrupt to idle (ms) |",
);
console.log("|---|---:|---:|---:|---:|");
try {
  for (const engine of engines)
    console.log(`| ${[engine.name, ...(await measure(kernel, engine, rounds))].join(" | ")} |`);
} finally {
  await kernel.shutdown();
  for (const name of Object.values(names)) await stopServer(name, signal, true);
}
