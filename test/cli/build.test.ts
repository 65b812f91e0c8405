import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { bundle } from "../../kernel/cli/build.ts";

let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "typhoon-build-"));
  const files = {
    "package.json": `{ "type": "module" }`,
    "kernel/main.ts": `import { place } from "../display/shared.ts";\nconsole.log(place());`,
    "kernel/api.ts": `export { place, workerUrl } from "../display/shared.ts";`,
    "display/shared.ts": [
      `export function place(): string { return import.meta.url; }`,
      `export const workerUrl = new URL("./paint-worker.js", import.meta.url).href;`,
      `export const untouched = "import.meta.url";`,
    ].join("\n"),
    "display/paint-worker.ts": `console.log("painted");`,
  };
  for (const [file, text] of Object.entries(files)) {
    // eslint-disable-next-line no-await-in-loop
    await mkdir(dirname(join(root, file)), { recursive: true });
    // eslint-disable-next-line no-await-in-loop
    await writeFile(join(root, file), text);
  }
});

afterEach(() => rm(root, { recursive: true }));

test("a module knows its place below dist, though the bundle moved it to a chunk", async () => {
  await bundle(root);
  const printed = execFileSync(process.execPath, [join(root, "dist/kernel/main.js")], { encoding: "utf8" });
  expect(printed.trim()).toMatch(/\/dist\/display\/shared\.js$/);
  expect(await readdir(join(root, "dist/chunks"))).not.toHaveLength(0);
});

test("a worker is a program of its own, where its URL says", async () => {
  await bundle(root);
  const worker = join(root, "dist/display/paint-worker.js");
  expect(execFileSync(process.execPath, [worker], { encoding: "utf8" })).toBe("painted\n");
  const api = (await import(join(root, "dist/kernel/api.js"))) as { workerUrl: string };
  expect(api.workerUrl).toMatch(/\/dist\/display\/paint-worker\.js$/);
});

test("what an earlier build wrote and this one does not is removed", async () => {
  await bundle(root);
  await writeFile(join(root, "dist/kernel/old.js"), "");
  await bundle(root);
  expect(await readdir(join(root, "dist/kernel"))).not.toContain("old.js");
});
