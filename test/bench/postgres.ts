import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import * as arrow from "apache-arrow";
import { Client } from "pg";
import { parseTarget } from "../../magics/connections/target.ts";
import { createDecoder } from "../../magics/columnar/arrow.ts";
import type { Batch } from "../../magics/columnar/columnar.ts";
import type { SqlSession } from "../../magics/sql/engine.ts";
import { postgres } from "../../magics/sql/postgres/engine.ts";
import { startServer } from "../../magics/up/start.ts";
import { stopServer } from "../../magics/up/stop.ts";
import { format, summarize } from "./statistics.ts";

// A million rows of ten mixed columns from PostgreSQL into an Arrow table and back by COPY, side by side with Python's
// psycopg (rows into pyarrow) and ADBC: `node test/bench/postgres.ts [ROUNDS]`. All ask the same server, and take turns.

const rows = 1_000_000;
const create = `create unlogged table bench_rows as select i, i::int8 * 1000000007 as b, i / 7.0::float8 as f,
  (i * 1.25)::numeric(12, 2) as d, 'text number ' || i as t, ('v' || i % 1000)::varchar(10) as v,
  timestamptz '2024-01-01' + i * interval '1 s' as at, date '2020-01-01' + i % 1000 as day, i % 2 = 0 as even,
  nullif(i % 10, 0) as n from generate_series(1, ${rows}) i`;
// ADBC has numerics as texts, which it cannot write back.
const writable = "select i, b, f, d::float8 as d, t, v, at, day, even, n from bench_rows";
const types = "int4,int8,float8,float8,text,varchar,timestamptz,date,bool,int4";
const never = new AbortController().signal;

/** What a peer says of one task. */
interface Answer {
  readonly ms: number;
  readonly rows: number;
  readonly arrowBytes: number;
  /** Greatest growth of resident memory during it. */
  readonly grownBytes: number;
}

interface Question {
  readonly work: string;
  readonly sql: string;
  readonly source: string;
}

interface Peer {
  readonly name: string;
  readonly process: ChildProcess;
  ask(work: string): Promise<Answer>;
}

function memory(name: string): number {
  return Number(new RegExp(`${name}:\\s+(\\d+)`).exec(readFileSync("/proc/self/status", "utf8"))?.[1]) * 1024;
}

async function openSession(url: string): Promise<SqlSession> {
  return postgres.open(parseTarget("bench", url, "/")).connect(never);
}

async function readTable(session: SqlSession, sql: string): Promise<arrow.Table> {
  const { columns, batches } = await session.start({ sql, values: [] }, never);
  const decoder = createDecoder(arrow, columns);
  const decoded: arrow.RecordBatch[] = [];
  for await (const batch of batches) decoded.push(decoder.decode(batch));
  return new arrow.Table(decoder.schema, decoded);
}

/** Answers questions from stdin, as the Python peer does. */
async function answer(url: string): Promise<void> {
  const session = await openSession(url);
  let source: { columns: Awaited<ReturnType<SqlSession["start"]>>["columns"]; batches: Batch[] } | undefined;
  console.log("ready");
  for await (const line of createInterface(process.stdin)) {
    const { work, sql, source: query } = JSON.parse(line) as Question;
    if (work === "write" && source === undefined) {
      const { columns, batches } = await session.start({ sql: query, values: [] }, never);
      source = { columns, batches: [] };
      for await (const batch of batches) source.batches.push(batch);
    }
    globalThis.gc?.();
    writeFileSync("/proc/self/clear_refs", "5");
    const before = memory("VmRSS");
    const start = performance.now();
    let [count, arrowBytes] = [0, 1];
    if (work === "read") {
      const table = await readTable(session, sql);
      count = table.numRows;
      arrowBytes = table.batches.reduce((sum, { data }) => sum + data.byteLength, 0);
    } else count = await session.insert("bench_written", source!.columns, give(source!.batches), never);
    const ms = performance.now() - start;
    console.log(JSON.stringify({ ms, rows: count, arrowBytes, grownBytes: memory("VmHWM") - before }));
  }
  await session.close();
}

async function* give(batches: readonly Batch[]): AsyncGenerator<Batch> {
  yield* batches;
}

function installPython(): string {
  const folder = join("out", "peers", "postgres");
  const python = join(folder, "bin/python");
  if (existsSync(join(folder, "ready"))) return python;
  mkdirSync(folder, { recursive: true });
  execFileSync("python3", ["-m", "venv", folder], { stdio: "inherit" });
  const packages = ["psycopg[binary]", "pyarrow", "adbc-driver-postgresql"];
  execFileSync(python, ["-m", "pip", "install", "--quiet", ...packages], { stdio: "inherit" });
  writeFileSync(join(folder, "ready"), "");
  return python;
}

async function startPeer(name: string, command: string, args: readonly string[]): Promise<Peer> {
  const child = spawn(command, args, { stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const next = async (): Promise<string> => {
    const { value, done } = await lines.next();
    if (done) throw new Error(`${name} ended`);
    return value;
  };
  await next();
  return {
    name,
    process: child,
    async ask(work) {
      const full = name === "typhoon" ? work : `${name} ${work}`;
      child.stdin.write(`${JSON.stringify({ work: full, sql: "select * from bench_rows", source: writable })}\n`);
      return JSON.parse(await next()) as Answer;
    },
  };
}

async function compare(peers: readonly Peer[], session: SqlSession, work: string, rounds: number): Promise<void> {
  const answers = new Map<Peer, Answer[]>(peers.map((peer) => [peer, []]));
  const grown = new Map<Peer, number>();
  // The first round warms up: its time is not counted. All memory is new to it, and later ones find it there.
  for (let round = 0; round <= rounds; round++)
    for (const [peer, all] of answers) {
      await readTable(session, "truncate bench_written");
      const found = await peer.ask(work);
      if (found.rows !== rows) throw new Error(`${peer.name} has ${found.rows} rows`);
      grown.set(peer, Math.max(grown.get(peer) ?? 0, found.grownBytes));
      if (round > 0) all.push(found);
    }
  console.log(`\n${work}: ${rows.toLocaleString("en")} rows × 10, ${rounds} rounds, median (range)`);
  const own = summarize([...answers.values()][0]!.map(({ ms }) => ms)).median;
  for (const [peer, all] of answers) {
    const time = summarize(all.map(({ ms }) => ms));
    const megabytes = (grown.get(peer)! / 1e6).toFixed(0);
    const { arrowBytes } = all[0]!;
    const bytes = arrowBytes > 1 ? ` (Arrow ${(arrowBytes / 1e6).toFixed(0)} MB)` : "";
    console.log(
      `  ${peer.name.padEnd(8)} ${format(time, 0)} ms = ${(time.median / own).toFixed(2)} × ours, memory grew by ${megabytes} MB at most${bytes}`,
    );
  }
}

/** What our session adds to the round trip of the driver that it connects by. */
async function compareSmall(url: string, session: SqlSession): Promise<void> {
  const client = new Client(url);
  await client.connect();
  const [ours, theirs]: [number[], number[]] = [[], []];
  for (let i = 0; i < 600; i++) {
    const start = performance.now();
    await readTable(session, "select 1 as one");
    const middle = performance.now();
    await client.query({ text: "select 1 as one", values: [] });
    if (i < 100) continue;
    ours.push(middle - start);
    theirs.push(performance.now() - middle);
  }
  await client.end();
  console.log(`\nselect 1, 500 times: ours ${format(summarize(ours), 2)} ms, pg ${format(summarize(theirs), 2)} ms`);
}

async function timeFirst(session: SqlSession): Promise<void> {
  const sql = "select i, 'text ' || i as t from (select generate_series(1, 10000000) as i) s";
  const [first, left]: [number[], number[]] = [[], []];
  for (let i = 0; i < 10; i++) {
    const start = performance.now();
    const { batches } = await session.start({ sql, values: [] }, never);
    await batches.next();
    first.push(performance.now() - start);
    const leaving = performance.now();
    await batches.return();
    left.push(performance.now() - leaving);
  }
  console.log(
    `10 million rows: first batch after ${format(summarize(first))} ms, left in ${format(summarize(left))} ms`,
  );
}

async function main(rounds: number): Promise<void> {
  const python = installPython();
  const name = `bench-postgres-${process.pid}`;
  const step = <T>(_: string, __: string, work: () => Promise<T>): Promise<T> => work();
  const { server } = await startServer(
    "postgres",
    { name, port: undefined },
    { signal: never, who: "bench", say: () => {}, step },
  );
  try {
    const url = server.url();
    const session = await openSession(url);
    await readTable(session, create);
    await readTable(session, "analyze bench_rows");
    await readTable(session, `create unlogged table bench_written as ${writable} limit 0`);
    const script = join(import.meta.dirname, "postgres-peer.py");
    const peers = [
      await startPeer("typhoon", process.execPath, ["--expose-gc", import.meta.filename, "--peer", url]),
      await startPeer("psycopg", python, [script, url, types]),
      await startPeer("adbc", python, [script, url, types]),
    ];
    console.log(server.version);
    await compareSmall(url, session);
    await timeFirst(session);
    await compare(peers, session, "read", rounds);
    await compare(peers, session, "write", rounds);
    for (const peer of peers) peer.process.kill();
    await session.close();
  } finally {
    await stopServer(name, never, true);
  }
}

if (process.argv[2] === "--peer") await answer(process.argv[3]!);
else await main(Number(process.argv[2] ?? 7));
