import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { fileURLToPath } from "node:url";
import { killKernels, killRuntimes } from "./chaos.ts";
import { measureLatency } from "./latency.ts";
import { toPage } from "./page.ts";
import { soak } from "./soak.ts";

// The long form of test/kernel/soak.test.ts and chaos.test.ts: `npm run soak` writes its figures to docs/reliability.md;
// `node test/soak/main.ts --kill SEED` replays one kill of a runtime, `--kill-kernel SEED` one of a kernel process.

const tell = (line: string): void => void process.stderr.write(`${line}\n`);
const [option, value] = process.argv.slice(2);

if (option === "--kill" || option === "--kill-kernel") {
  const kill = option === "--kill" ? killRuntimes : killKernels;
  const { wrong } = await kill({ kills: 1, seed: Number(value), onKill: tell });
  for (const line of wrong) tell(line);
  process.exit(wrong.length === 0 ? 0 : 1);
}

const seed = Number(process.env["TYPHOON_SEED"] ?? Math.floor(Math.random() * 2 ** 31));
tell(`seed ${seed}`);
const onSample = ({ cells }: { readonly cells: number }): void => tell(`${cells} cells`);
const cells = 10_000;
const whole = await soak({ cells, seed, sampleEvery: 1_000, onSample });
const restarted = await soak({ cells, seed: seed + 1, sampleEvery: 1_000, restartEvery: 250, onSample });
const runtimes = await killRuntimes({ kills: 200, seed, onKill: tell });
const kernels = await killKernels({ kills: 100, seed, onKill: tell });
const latency = await measureLatency();

const machine = `${cpus().length} × ${cpus()[0]?.model.trim() ?? "?"}, Node ${process.version}`;
const { page, wrong } = toPage({ machine, seed, whole, restarted, runtimes, kernels, latency });
const file = fileURLToPath(new URL("../../docs/reliability.md", import.meta.url));
writeFileSync(file, page);
spawnSync("oxfmt", [file]); // found by npm
for (const line of wrong) tell(line);
process.exit(wrong.length === 0 ? 0 : 1);
