import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";

const dataDir = mkdtempSync(join(tmpdir(), "typhoon-doctor-"));
const cli = (name: string): string => fileURLToPath(new URL(`../../kernel/cli/${name}`, import.meta.url));

beforeAll(() => void execFileSync(process.execPath, [cli("build.ts")]));
afterAll(() => rmSync(dataDir, { recursive: true }));

function doctor(): { status: number | null; stdout: string } {
  const env = { ...process.env, JUPYTER_DATA_DIR: dataDir };
  return spawnSync(process.execPath, [cli("typhoon.ts"), "doctor"], { encoding: "utf8", env });
}

test("doctor starts a kernel and says how long it took", () => {
  const { stdout } = doctor();
  expect(stdout).toMatch(/^✓ Node 2\d/m);
  expect(stdout).toMatch(/^✓ zeromq \d/m);
  expect(stdout).toMatch(/^✓ build in /m);
  expect(stdout).toMatch(/^✓ a kernel started and said 1\+1 = 2 in \d+ ms$/m);
});

test("a kernelspec whose Node is gone is a fault, with the line that mends it", () => {
  const folder = join(dataDir, "kernels", "typhoon");
  mkdirSync(folder, { recursive: true });
  const argv = [join(dataDir, "gone", "node"), join(dataDir, "kernel", "main.js"), "{connection_file}"];
  writeFileSync(join(folder, "kernel.json"), JSON.stringify({ argv, display_name: "T", language: "typescript" }));
  const { status, stdout } = doctor();
  expect(status).toBe(1);
  expect(stdout).toMatch(
    /^✗ kernelspec "typhoon" in .* names .*node, which is missing: .*`typhoon install --name typhoon`/m,
  );
});
