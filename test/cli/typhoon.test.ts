import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";
import packageJson from "../../package.json" with { type: "json" };

const program = fileURLToPath(new URL("../../kernel/cli/typhoon.ts", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "typhoon-cli-"));
afterAll(() => rmSync(folder, { recursive: true }));

function typhoon(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  const env = { ...process.env, JUPYTER_DATA_DIR: join(folder, "data") };
  return spawnSync(process.execPath, [program, ...args], { encoding: "utf8", env });
}

test("--help lists the commands, and a command's --help its options", () => {
  const { stdout, status } = typhoon("--help");
  expect(status).toBe(0);
  for (const name of ["install", "uninstall", "doctor", "run"]) expect(stdout).toMatch(new RegExp(`^  ${name} `, "m"));
  expect(typhoon("install", "--help").stdout).toContain("--sys-prefix");
});

test("--version is the package's", () => {
  expect(typhoon("--version").stdout.trim()).toBe(packageJson.version);
});

test.for([
  [["instal"], /no command "instal": typhoon --help/],
  [["install", "--usr"], /--usr/],
  [["install", "--user", "--prefix", "x"], /--user and --prefix name two places/],
  [["install", "--env", "REGION"], /write NAME=VALUE/],
  [["uninstall"], /there is no kernelspec .*typhoon/],
  [["run"], /name one notebook/],
  [["run", join(folder, "none.ipynb")], /cannot be read/],
] as const)("typhoon %o is refused with a next step and without a stack", ([args, reason]) => {
  const { status, stderr } = typhoon(...args);
  expect(status).toBe(1);
  expect(stderr).toMatch(reason);
  expect(stderr).not.toMatch(/^\s+at /m);
});

test("run refuses what is no notebook", () => {
  const file = join(folder, "text.ipynb");
  writeFileSync(file, "text");
  expect(typhoon("run", file).stderr).toMatch(/is no notebook of format 4/);
});
