import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { Dealer, Request } from "zeromq";
import { type ConnectionFile, endpoint } from "../../kernel/protocol/connection-file.ts";
import { createCodec } from "../../kernel/protocol/message.ts";
import { startTestKernel } from "../kernel/harness.ts";

/** How soon answers come, in milliseconds. */
export interface Times {
  readonly asked: number;
  readonly p50: number;
  readonly p99: number;
  readonly most: number;
}

/** How soon the heartbeat echoes and control answers `kernel_info_request` while a cell does something. */
export interface Latency {
  readonly cell: string;
  readonly heartbeat: Times;
  readonly control: Times;
}

const seconds = 10;
const pauseMs = 5;
const loop = (body: string): string =>
  `{ const end = Date.now() + ${seconds * 1_000}; for (let i = 0; Date.now() < end; i++) { ${body} } }`;
const cells: Readonly<Record<string, string>> = {
  "awaits (the machine's own noise)": `await new Promise((done) => setTimeout(done, ${seconds * 1_000}))`,
  spins: loop(""),
  "spins and prints": loop(`console.log("line", i)`),
};

if (process.send !== undefined && process.argv[2]?.startsWith("{")) await askUntilTold(process.argv[2]);

/** Measures with a process of its own that asks, since the one that takes the output is busy itself. */
export async function measureLatency(): Promise<readonly Latency[]> {
  await using kernel = await startTestKernel({ env: { TYPHOON_OUTPUT_TEXT: "10 GB" } });
  await kernel.run("1");
  const measured: Latency[] = [];
  for (const [cell, code] of Object.entries(cells)) {
    const asker = fork(fileURLToPath(import.meta.url), [JSON.stringify(kernel.connection)]);
    await message(asker);
    await kernel.run(code);
    asker.send("enough");
    measured.push({ cell, ...((await message(asker)) as Omit<Latency, "cell">) });
  }
  return measured;
}

async function message(asker: ChildProcess): Promise<unknown> {
  return ((await once(asker, "message")) as unknown[])[0];
}

function toTimes(times: readonly number[]): Times {
  const sorted = times.toSorted((a, b) => a - b);
  const quantile = (part: number): number => sorted[Math.floor((sorted.length - 1) * part)] ?? Number.NaN;
  return { asked: sorted.length, p50: quantile(0.5), p99: quantile(0.99), most: quantile(1) };
}

async function askUntilTold(text: string): Promise<void> {
  const connection = JSON.parse(text) as ConnectionFile;
  const codec = createCodec(connection.key, connection.hash);
  const heartbeat = new Request({ linger: 0 });
  const control = new Dealer({ linger: 0 });
  heartbeat.connect(endpoint(connection, "hb"));
  control.connect(endpoint(connection, "control"));
  const enough = new AbortController();
  process.once("message", () => enough.abort());
  process.send!("ready");
  async function measure(ask: () => Promise<unknown>): Promise<Times> {
    const times: number[] = [];
    while (!enough.signal.aborted) {
      const start = performance.now();
      await ask();
      times.push(performance.now() - start);
      await delay(pauseMs);
    }
    return toTimes(times);
  }
  const [beats, answers] = await Promise.all([
    measure(async () => {
      await heartbeat.send("ping");
      await heartbeat.receive();
    }),
    measure(async () => {
      await control.send(codec.encode(codec.message("kernel_info_request", {}, {})));
      await control.receive();
    }),
  ]);
  process.send!({ heartbeat: beats, control: answers });
  heartbeat.close();
  control.close();
  process.disconnect();
}
