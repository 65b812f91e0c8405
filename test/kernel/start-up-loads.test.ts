import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { expect, test } from "vitest";

// Every session waits for what its start loads, so libraries and native code come with their first use.

const hook = join(mkdtempSync(join(tmpdir(), "typhoon-loads-")), "hook.mjs");
writeFileSync(
  hook,
  `import { registerHooks } from "node:module";
import { writeSync } from "node:fs";
import { pathToFileURL } from "node:url";
const note = (what) => writeSync(2, "loads " + what + "\\n");
registerHooks({ load(url, context, next) { note(url); return next(url, context); } });
const open = process.dlopen;
process.dlopen = (...args) => { note(pathToFileURL(args[1]).href); return open.apply(process, args); };
`,
);

/** Lists our modules and the packages, with their native files, that a program has loaded when it writes to its descriptor `ready`. */
async function loadsOf(args: readonly string[], ready: 1 | 3): Promise<{ ours: string[]; others: string[] }> {
  const child = spawn(process.execPath, ["--expose-internals", "--import", pathToFileURL(hook).href, ...args], {
    stdio: ["ignore", "pipe", "pipe", "pipe", "pipe", "pipe"],
  });
  let told = "";
  child.stderr!.setEncoding("utf8").on("data", (text: string) => void (told += text));
  const closed = once(child, "close");
  await once(child.stdio[ready]!, "data");
  child.kill("SIGKILL");
  for (const pipe of child.stdio.slice(3)) (pipe as NodeJS.ReadableStream | null)?.resume();
  await closed;
  const urls = [...told.matchAll(/^loads (.*)$/gm)].map(([, url]) => url!);
  const files = urls.filter((url) => url.startsWith("file:")).map((url) => relative(resolve("."), fileURLToPath(url)));
  const packages = files.flatMap((file) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1] ?? []);
  return {
    ours: files.filter((file) => !file.includes("node_modules")),
    others: [...new Set(packages)].toSorted(),
  };
}

test("the API loads no library and nothing native", async () => {
  const program = `await import(${JSON.stringify(pathToFileURL(resolve("kernel/api.ts")).href)}); console.log("ready")`;
  const { ours, others } = await loadsOf(["--input-type=module", "-e", program], 1);
  expect(ours).toContain("magics/sql/attach.ts");
  expect(ours.filter((file) => /^magics\/.*(?:duckdb|postgres|mysql|sqlite|database|registry)/.test(file))).toEqual([]);
  expect(others).toEqual([]);
});

test("the runtime's start loads the compiler, and nothing else native", async () => {
  const { ours, others } = await loadsOf([resolve("kernel/runtime/main.ts")], 3);
  expect(ours).toContain("kernel/runtime/main.ts");
  expect(ours.filter((file) => /^magics\/(?:mongo|redis|sql\/(?!catalog\.ts)|up)\//.test(file))).toEqual([]);
  expect(others.filter((name) => !/^(?:oxc-|@oxc-|@jridgewell\/|magic-string$)/.test(name))).toEqual([]);
});
