import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { arch, type } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import type { Subject } from "./kernel.ts";
import { type Outcome, measure } from "./measure.ts";
import { type Column, conformancePage } from "./page.ts";
import { installPeers, installedKernels, peerNames } from "./peers.ts";
import { chapters } from "./rules.ts";

// Measures every installed kernel and writes docs/conformance.md:
//   npm run conformance                        all that are installed
//   npm run conformance -- --install-peers     installs the other kernels into out/peers first
//   npm run conformance -- --only deno         one kernel; the others' columns are those of the last run
//   npm run conformance -- --rule comm         rules whose id has this in it; the others stay as in the last run
//   npm run conformance -- --parallel 4        kernels of a kind at once; 2 unless told

const { values: options } = parseArgs({
  options: {
    "install-peers": { type: "boolean" },
    only: { type: "string" },
    rule: { type: "string", multiple: true },
    parallel: { type: "string", default: "2" },
  },
});
const rules = chapters
  .flatMap((chapter) => chapter.rules)
  .filter(({ id }) => (options.rule ?? [""]).some((part) => id.includes(part)));

// A kernel that now and then does not start is not what a rule is about.
const startAttempts = 3;

/** Checks every rule; one that is not met is checked again on a new kernel, since other work may have slowed the first. */
async function column(subject: Subject): Promise<Column> {
  const outcomes = new Map<string, Outcome>();
  const left = rules.values();
  // Several kernels of the kind share the rules: a check that fails spends its time waiting.
  async function work(): Promise<void> {
    await using measurement = measure(subject, startAttempts);
    for (const rule of left) {
      let outcome = await measurement.check(rule);
      if (outcome.verdict === "broken") outcome = await measurement.check(rule);
      outcomes.set(rule.id, outcome);
      if (outcome.verdict !== "met") console.log(`${subject.name} ${rule.id}: ${outcome.verdict}: ${outcome.reason}`);
    }
  }
  await Promise.all(Array.from({ length: Number(options.parallel) }, work));
  const met = [...outcomes.values()].filter(({ verdict }) => verdict === "met").length;
  console.log(`${subject.name} ${subject.version}: ${met} of ${rules.length}`);
  const date = new Date().toISOString().slice(0, 10);
  return { name: subject.name, version: subject.version, date, outcomes: Object.fromEntries(outcomes) };
}

const folder = resolve("out/conformance");
const fileOf = (name: string): string => join(folder, `${name}.json`);

function lastOf(name: string): Column | undefined {
  return existsSync(fileOf(name)) ? (JSON.parse(readFileSync(fileOf(name), "utf8")) as Column) : undefined;
}

for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(1));

const failed = options["install-peers"] ? installPeers() : [];
const installed = installedKernels();
for (const subject of installed) {
  const file = fileOf(subject.name);
  if (options.only !== undefined && options.only.toLowerCase() !== subject.name.toLowerCase()) continue;
  const measured = await column(subject);
  const last = lastOf(subject.name);
  if (options.rule !== undefined && last?.version !== subject.version) continue;
  const whole =
    options.rule === undefined ? measured : { ...last!, outcomes: { ...last!.outcomes, ...measured.outcomes } };
  mkdirSync(folder, { recursive: true });
  writeFileSync(file, JSON.stringify(whole));
}

const columns = installed.flatMap(({ name }) => lastOf(name) ?? []);
if (columns.length > 0) {
  const page = resolve("docs/conformance.md");
  const without = peerNames.filter((name) => !columns.some((each) => each.name === name));
  const missing = without.map((name) => {
    const state = installed.some((subject) => subject.name === name) ? "not measured" : "not installed";
    return failed.find((reason) => reason.startsWith(`${name}:`)) ?? `${name}: ${state}`;
  });
  writeFileSync(
    page,
    conformancePage(columns, { machine: `${type()} ${arch()}, Node.js ${process.version}`, missing }),
  );
  execFileSync(resolve("node_modules/.bin/oxfmt"), [page]);
  console.log(`wrote ${page}`);
}
