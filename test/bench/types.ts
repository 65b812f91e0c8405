import { readFileSync } from "node:fs";
import { spawnSync } from "node:child_process";
import { startTestKernel, type TestKernel } from "../kernel/harness.ts";

// How soon completion, hover and diagnostics answer, early and late in a notebook: `node test/bench/types.ts`.
// All times are of whole requests through the kernel's sockets.

const lines = Array.from({ length: 50 }, (_, i) => `const row${i} = table.get(${i})?.a ?? ${i};`).join("\n");

function quantile(times: readonly number[], part: number): string {
  const sorted = times.toSorted((a, b) => a - b);
  return (sorted[Math.floor(sorted.length * part)] ?? Number.NaN).toFixed(1).padStart(7);
}

function row(name: string, times: readonly number[]): void {
  process.stdout.write(`${name.padEnd(52)}${quantile(times, 0.5)}${quantile(times, 0.95)}\n`);
}

async function time(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

async function complete(kernel: TestKernel, code: string): Promise<number> {
  return await time(async () => {
    const { reply } = await kernel.request("complete_request", { code, cursor_pos: code.length });
    if (!reply.matches.includes("numCols")) throw new Error(`no completions for ${code}`);
  });
}

async function measure(kernel: TestKernel, cell: number): Promise<void> {
  const edits: number[] = [];
  for (let i = 0; i < 300; i += 1) edits.push(await complete(kernel, `const q${cell} = ${i}; table.num`));
  row(`completion while cell ${cell} is edited`, edits);
  const hovers: number[] = [];
  for (let i = 0; i < 50; i += 1) {
    const code = `const h = ${i}; table`;
    hovers.push(
      await time(() => kernel.request("inspect_request", { code, cursor_pos: code.length, detail_level: 0 })),
    );
  }
  row(`hover at cell ${cell}`, hovers);
}

await using kernel = await startTestKernel({ env: { TYPHOON_TYPECHECK: "warn" } });
process.stdout.write(`${"ms".padEnd(52)} median    p95\n`);
await kernel.run("1");
row("first completion after the first cell's reply", [
  await time(() => kernel.request("complete_request", { code: "process.ver", cursor_pos: 11 })),
]);
await kernel.run("import { tableFromArrays } from 'apache-arrow'; const table = tableFromArrays({ a: [1, 2, 3] })");
await complete(kernel, "table.num");
await measure(kernel, 1);
const firsts: number[] = [];
for (let cell = 2; cell <= 200; cell += 1) {
  await kernel.run(
    `const v${cell} = { n: ${cell}, rows: table.numRows }; function f${cell}(x: number) { return x + v${cell}.n }`,
  );
  firsts.push(await complete(kernel, `f${cell}(v${cell}.n); table.num`));
}
row("first completion in a new cell, cells 2 to 21", firsts.slice(0, 20));
row("first completion in a new cell, cells 181 to 200", firsts.slice(-20));
await measure(kernel, 200);
await kernel.run("%typecheck block");
const checks: number[] = [];
const empty: number[] = [];
for (let i = 0; i < 20; i += 1) {
  checks.push(await time(() => kernel.run(`{ // ${i}\n${lines}\n}`)));
  empty.push(await time(() => kernel.run(`// @ts-nocheck\n{ // ${i}\n${lines}\n}`)));
}
row("a cell of 50 lines, checked before it runs", checks);
row("the same, not checked", empty);

const children = spawnSync("ps", ["-A", "-o", "pid=,ppid=,args="], { encoding: "utf8" }).stdout.split("\n");
for (const line of children) {
  const [pid, parent, ...args] = line.trim().split(/\s+/);
  if (Number(parent) !== kernel.process.pid || !args.includes("--lsp")) continue;
  const rss = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  process.stdout.write(`memory of the language server: ${Math.round(Number(rss) / 1024)} MB\n`);
}
