import { execFileSync } from "node:child_process";
import { availableParallelism, loadavg } from "node:os";
import { installedKernels } from "../conformance/peers.ts";
import { format, summarize } from "./statistics.ts";
import { type Figures, measure } from "./type-figures.ts";

// Completion, Shift+Tab and type errors early and late in a notebook, side by side with tslab and Deno, over the kernels'
// sockets: `npx node test/bench/types.ts [ROUNDS] [NAME…]`, where `Typhoon` alone is quick. The kernels take turns within each
// round, so that a slow moment of the machine meets all of them. `npm run conformance -- --install-peers` installs the others
// into out/peers.

execFileSync(process.execPath, ["kernel/cli/build.ts"], { stdio: "ignore" });
const [count = "5", ...asked] = process.argv.slice(2);
const rounds = Number(count);
const names = ["Typhoon", ...(asked.length > 0 ? asked : ["tslab", "deno"])];
const subjects = installedKernels().filter(({ name }) => names.includes(name));
const all = new Map<string, Figures[]>(subjects.map(({ name }) => [name, []]));
const load = (): string => loadavg()[0]!.toFixed(1);
const loads = [load()];
for (let round = 0; round < rounds; round += 1) {
  for (const subject of subjects) all.get(subject.name)!.push(await measure(subject));
  loads.push(load());
}

const ours = all.get("Typhoon")!;
const others = subjects.filter(({ name }) => name !== "Typhoon");
const of = (name: string, what: string): number[] => all.get(name)!.flatMap((figures) => figures.get(what) ?? []);

function ratio(name: string, what: string): string {
  const ratios = ours.flatMap((figures, round) => {
    const [own, other] = [figures.get(what), all.get(name)![round]!.get(what)];
    return own === undefined || other === undefined || other === 0 ? [] : [own / other];
  });
  return ratios.length === 0 ? "–" : format(summarize(ratios), 2);
}

function row(what: string): string {
  const values = subjects.map(({ name }) => {
    const runs = of(name, what);
    return runs.length < rounds ? "–" : format(summarize(runs), what.endsWith("(MB)") ? 0 : 1);
  });
  return `| ${[what, ...values, ...others.map(({ name }) => ratio(name, what))].join(" | ")} |`;
}

const versions = subjects.map(({ name, version }) => `${name} ${version}`);
console.log(`Milliseconds, median (range) of ${rounds} rounds; ratio = Typhoon / other, of the rounds' own ratios.`);
console.log(`${availableParallelism()} cores, load ${loads.join(", ")}; – is what a kernel does not answer.\n`);
console.log(`| | ${[...versions, ...others.map(({ name }) => `/ ${name}`)].join(" | ")} |`);
console.log(`|---|${"---:|".repeat(versions.length + others.length)}`);
const rows = [...new Set(names.flatMap((name) => all.get(name)?.flatMap((figures) => [...figures.keys()]) ?? []))];
for (const what of rows) console.log(row(what));

/** What is wanted of a figure, or of a ratio of two. */
interface Bar {
  readonly what: string;
  readonly most: number;
  take(figures: Figures): number;
}

const edited = (what: string, cell: number): string => `${what}, cell ${cell} edited: median`;
const wanted = (what: string, most: number): Bar => ({
  what,
  most,
  take: (figures) => figures.get(what) ?? Number.NaN,
});
const growth = (what: string, most: number): Bar => ({
  what: `${what}: cell 200 / cell 1`,
  most,
  take: (figures) => figures.get(edited(what, 200))! / figures.get(edited(what, 1))!,
});
const bars: readonly Bar[] = ["completion", "type error of 50 lines"].flatMap((what) => [
  wanted(edited(what, 1), 10),
  wanted(edited(what, 200), 10),
  wanted(`first ${what} in a new cell, cells 2 to 41: median`, 80),
  wanted(`first ${what} in a new cell, cells 161 to 200: median`, 80),
  growth(what, 2),
]);
console.log(`\n| wanted of Typhoon | at most | taken | |\n|---|---:|---:|---|`);
for (const { what, most, take } of [...bars, growth("Shift+Tab", 2)]) {
  const taken = summarize(ours.map(take));
  console.log(`| ${what} | ${most} | ${format(taken)} | ${taken.median <= most ? "met" : "missed"} |`);
}
process.exit(0);
