import { fork } from "node:child_process";
import { once } from "node:events";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { Dealer, Request } from "zeromq";
import { type ConnectionFile, endpoint } from "../../kernel/protocol/connection-file.ts";
import { createCodec } from "../../kernel/protocol/message.ts";
import { startTestKernel } from "../kernel/harness.ts";

// How soon the heartbeat echoes and control answers kernel_info while a cell spins and prints: `node test/bench/latency.ts`.
// A process of its own asks, since the one that takes the flood is busy itself. The first row is the machine's own noise.

const seconds = 5;
const loop = (body: string): string =>
  `{ const end = Date.now() + ${seconds * 1_000}; for (let i = 0; Date.now() < end; i++) { ${body} } }`;
const cells: Readonly<Record<string, string>> = {
  awaits: `await new Promise((done) => setTimeout(done, ${seconds * 1_000}))`,
  spins: loop(""),
  "prints lines": loop("console.log('line', i)"),
  "alternates stdout and stderr": loop("console.log('out', i); console.error('err', i)"),
  "displays 1 KB each": loop(`display.raw({ "text/plain": "d".repeat(1000) })`),
};

if (process.send === undefined) await runCells();
else await askUntilTold(process.argv[2]!);

async function runCells(): Promise<void> {
  const limits = { TYPHOON_OUTPUT_TEXT: "10 GB", TYPHOON_OUTPUT_DATA: "10 GB", TYPHOON_OUTPUT_DISPLAYS: "1000000" };
  await using kernel = await startTestKernel({ env: limits });
  await kernel.run("1");
  process.stdout.write("a cell that …                  heartbeat p50, p99, max ms   kernel_info on control\n");
  for (const [name, code] of Object.entries(cells)) {
    const asker = fork(fileURLToPath(import.meta.url), [JSON.stringify(kernel.connection)]);
    await once(asker, "message");
    await kernel.run(code);
    asker.send("enough");
    const [row] = (await once(asker, "message")) as [string];
    process.stdout.write(`${name.padEnd(30)} ${row}\n`);
  }
}

/** Asks by sockets of its own: a whole client would take the flood as well. */
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
  async function measure(ask: () => Promise<unknown>): Promise<string> {
    const times: number[] = [];
    while (!enough.signal.aborted) {
      const start = performance.now();
      await ask();
      times.push(performance.now() - start);
      await setTimeout(5);
    }
    const sorted = times.toSorted((a, b) => a - b);
    const quantile = (part: number): string => sorted[Math.floor((sorted.length - 1) * part)]!.toFixed(1).padStart(7);
    return `${quantile(0.5)} ${quantile(0.99)} ${quantile(1)}`;
  }
  const rows = await Promise.all([
    measure(async () => {
      await heartbeat.send("ping");
      await heartbeat.receive();
    }),
    measure(async () => {
      await control.send(codec.encode(codec.message("kernel_info_request", {}, {})));
      await control.receive();
    }),
  ]);
  process.send!(rows.join("      "));
  heartbeat.close();
  control.close();
  process.disconnect();
}
