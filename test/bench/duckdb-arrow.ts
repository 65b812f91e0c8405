import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Table } from "apache-arrow";
import { sql } from "../../magics/sql.ts";
import { format, summarize } from "./statistics.ts";

// 10 million rows from DuckDB into an Arrow table, side by side with Python's duckdb and pyarrow:
// `node test/bench/duckdb-arrow.ts [ROUNDS [DUCKDB_VERSION]]`; by default Python has the same DuckDB as we. Both keep the same table in memory and take turns with each
// query; as in a cell that is run again, the last result lives until the new one is there.

const rows = 10_000_000;
const create = `create table t as select (i * 7919 % ${rows})::int i, i * 1.37::double d,
  'name-' || lpad((i * 31 % 9999999)::varchar, 10, '0') s, timestamp '2020-01-01' + to_microseconds(i * 1000003) ts
  from range(${rows}) r(i)`;
const queries = {
  "int, double, string, timestamp": "select i, d, s, ts from t",
  "int, double, timestamp": "select i, d, ts from t",
  string: "select s from t",
};

/** What a peer says of one query. */
interface Answer {
  readonly ms: number;
  readonly rows: number;
  readonly arrowBytes: number;
  /** Greatest growth of resident memory during the query. */
  readonly grownBytes: number;
}

const pythonPeer = `
import duckdb, json, re, sys, time
def memory(name): return int(re.search(name + r":\\s+(\\d+)", open("/proc/self/status").read())[1]) * 1024
con = duckdb.connect()
con.execute(${JSON.stringify(create)})
print("ready", flush=True)
for line in sys.stdin:
    open("/proc/self/clear_refs", "w").write("5")
    before = memory("VmRSS")
    start = time.perf_counter()
    table = con.sql(line).to_arrow_table()
    ms = (time.perf_counter() - start) * 1000
    print(json.dumps({"ms": ms, "rows": table.num_rows, "arrowBytes": table.nbytes, "grownBytes": memory("VmHWM") - before}), flush=True)
`;

function memory(name: string): number {
  return Number(new RegExp(`${name}:\\s+(\\d+)`).exec(readFileSync("/proc/self/status", "utf8"))?.[1]) * 1024;
}

/** Answers queries from stdin, as the Python peer does. */
async function answerQueries(): Promise<void> {
  await sql`${sql.raw(create)}`;
  console.log("ready");
  let table: Table | undefined;
  for await (const line of createInterface(process.stdin)) {
    globalThis.gc?.();
    writeFileSync("/proc/self/clear_refs", "5");
    const before = memory("VmRSS");
    const start = performance.now();
    table = await sql`${sql.raw(line)}`;
    const ms = performance.now() - start;
    const arrowBytes = table.batches.reduce((sum, { data }) => sum + data.byteLength, 0);
    console.log(JSON.stringify({ ms, rows: table.numRows, arrowBytes, grownBytes: memory("VmHWM") - before }));
  }
  await sql.close();
}

/** The release of DuckDB that our package has, as in `1.5.6-r.1`. */
function ownVersion(): string {
  const { dependencies } = JSON.parse(readFileSync("package.json", "utf8")) as { dependencies: Record<string, string> };
  return dependencies["@duckdb/node-api"]!.split("-")[0]!;
}

function installPython(version: string): string {
  const folder = join(homedir(), ".cache", "typhoon-bench", `duckdb-${version}`);
  const python = join(folder, "bin/python");
  if (existsSync(join(folder, "ready"))) return python;
  mkdirSync(folder, { recursive: true });
  execFileSync("python3", ["-m", "venv", folder], { stdio: "inherit" });
  execFileSync(python, ["-m", "pip", "install", "--quiet", `duckdb==${version}`, "pyarrow"], { stdio: "inherit" });
  writeFileSync(join(folder, "ready"), "");
  return python;
}

interface Peer {
  readonly name: string;
  readonly process: ChildProcess;
  ask(query: string): Promise<Answer>;
}

async function startPeer(name: string, command: string, args: readonly string[]): Promise<Peer> {
  const child = spawn(command, args, { stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  /** Skips what else is printed, as the progress of a long query. */
  const next = async (wanted: RegExp): Promise<string> => {
    for (;;) {
      const { value, done } = await lines.next();
      if (done) throw new Error(`${name} ended`);
      if (wanted.test(value)) return value;
    }
  };
  await next(/^ready$/);
  return {
    name,
    process: child,
    async ask(query) {
      child.stdin.write(`${query}\n`);
      return JSON.parse(await next(/^\{/)) as Answer;
    },
  };
}

type Start = () => Promise<Peer>;

/** Runs each query once in a process that has run none: all memory is new to it, and nothing is left of a result before. */
async function compareFirst(starts: readonly Start[]): Promise<void> {
  console.log("\nThe first query of a process, one at a time");
  for (const [label, query] of Object.entries(queries))
    for (const start of starts) {
      const peer = await start();
      const { ms, arrowBytes, grownBytes } = await peer.ask(query);
      peer.process.kill();
      console.log(
        `  ${peer.name.padEnd(8)} ${ms.toFixed(0).padStart(5)} ms   memory grew by ${(grownBytes / arrowBytes).toFixed(2)} × the Arrow bytes   ${label}`,
      );
    }
}

async function compare(rounds: number, version: string): Promise<void> {
  const python = installPython(version);
  const starts = [
    () => startPeer("typhoon", process.execPath, ["--expose-gc", import.meta.filename, "--peer"]),
    () => startPeer("python", python, ["-c", pythonPeer]),
  ] as const;
  await compareFirst(starts);
  const [ours, theirs] = [await starts[0](), await starts[1]()];
  for (const [label, query] of Object.entries(queries)) {
    const answers = new Map<Peer, Answer[]>([ours, theirs].map((peer) => [peer, []]));
    // The first round warms up and is not counted.
    for (let round = 0; round <= rounds; round++)
      for (const [peer, all] of answers) {
        const answer = await peer.ask(query);
        if (round > 0) all.push(answer);
      }
    console.log(
      `\n${label}: ${rows.toLocaleString("en")} rows, ${rounds} rounds, median (range), Python's DuckDB ${version}`,
    );
    const [own, other] = [ours, theirs].map((peer) => {
      const all = answers.get(peer)!;
      const time = summarize(all.map(({ ms }) => ms));
      const grown = summarize(all.map(({ grownBytes, arrowBytes }) => grownBytes / arrowBytes));
      const megabytes = all[0]!.arrowBytes / 1e6;
      console.log(
        `  ${peer.name.padEnd(8)} ${format(time, 0)} ms   Arrow ${megabytes.toFixed(0)} MB, memory grew by ${format(grown, 2)} × that`,
      );
      return time.median;
    });
    const [mine, others] = [ours, theirs].map((peer) => answers.get(peer)!);
    const ratios = summarize(mine!.map(({ ms }, i) => ms / others![i]!.ms));
    console.log(`  ratio    ${(own! / other!).toFixed(2)} of the medians; round by round ${format(ratios, 2)}`);
  }
  for (const { process: child } of [ours, theirs]) child.kill();
}

if (process.argv[2] === "--peer") await answerQueries();
else await compare(Number(process.argv[2] ?? 7), process.argv[3] ?? ownVersion());
