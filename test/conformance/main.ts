import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { release, type } from "node:os";
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
//   npm run conformance -- --rule comm         rules whose id has this in it, on the terminal only

const { values: options } = parseArgs({
  options: { "install-peers": { type: "boolean" }, only: { type: "string" }, rule: { type: "string" } },
});
const rules = chapters.flatMap((chapter) => chapter.rules).filter(({ id }) => id.includes(options.rule ?? ""));

/** Checks every rule; one that is not met is checked again on a new kernel, since other work may have slowed the first. */
async function column(subject: Subject): Promise<Column> {
  const outcomes = new Map<string, Outcome>();
  await using measurement = measure(subject);
  for (const rule of rules) {
    let outcome = await measurement.check(rule);
    if (outcome.verdict === "broken") outcome = await measurement.check(rule);
    outcomes.set(rule.id, outcome);
    if (outcome.verdict !== "met") console.log(`${subject.name} ${rule.id}: ${outcome.verdict}: ${outcome.reason}`);
  }
  const met = [...outcomes.values()].filter(({ verdict }) => verdict === "met").length;
  console.log(`${subject.name} ${subject.version}: ${met} of ${rules.length}`);
  const date = new Date().toISOString().slice(0, 10);
  return { name: subject.name, version: subject.version, date, outcomes: Object.fromEntries(outcomes) };
}

const folder = resolve("out/conformance");
const fileOf = (name: string): string => join(folder, `${name}.json`);

const failed = options["install-peers"] ? installPeers() : [];
const installed = installedKernels();
const columns: Column[] = [];
for (const subject of installed) {
  if (options.only === undefined || options.only === subject.name) {
    const measured = await column(subject);
    columns.push(measured);
    mkdirSync(folder, { recursive: true });
    if (options.rule === undefined) writeFileSync(fileOf(subject.name), JSON.stringify(measured));
  } else if (existsSync(fileOf(subject.name))) {
    columns.push(JSON.parse(readFileSync(fileOf(subject.name), "utf8")) as Column);
  }
}

if (options.rule === undefined) {
  const page = resolve("docs/conformance.md");
  const without = peerNames.filter((name) => !columns.some((each) => each.name === name));
  const missing = without.map(
    (name) => failed.find((reason) => reason.startsWith(`${name}:`)) ?? `${name}: not installed`,
  );
  writeFileSync(
    page,
    conformancePage(columns, { machine: `${type()} ${release()}, Node.js ${process.version}`, missing }),
  );
  execFileSync(resolve("node_modules/.bin/oxfmt"), [page]);
  console.log(`wrote ${page}`);
}
