import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";
import { writeNotebook } from "./programs.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const python = join(root, ".venv", process.platform === "win32" ? "Scripts/python.exe" : "bin/python");
const folder = mkdtempSync(join(tmpdir(), "typhoon-execute-"));
const out = join(folder, "out");
afterAll(() => rmSync(folder, { recursive: true }));

/** Runs what `npm start -- --execute` runs when everything is set up. */
function execute(...files: string[]): { status: number | null; stdout: string } {
  const env = { ...process.env, JUPYTER_PREFER_ENV_PATH: "1" };
  return spawnSync(python, [join(root, "kernel/cli/execute.py"), "--out", out, ...files], { encoding: "utf8", env });
}

test("each notebook gets one line, an executed copy and an HTML page", () => {
  const good = writeNotebook(folder, "good.ipynb", ["const n: number = 20", "n + 1"]);
  const bad = writeNotebook(folder, "bad.ipynb", ["1", `throw new RangeError("odd: 3")`]);
  const { status, stdout } = execute(good, bad);
  expect(stdout).toMatch(
    /^✓ good\.ipynb: 2 cells, \d+\.\d s, ok\n✗ bad\.ipynb: 2 cells, .* cell 2 \(In\[2\]\) failed: RangeError: odd: 3\n {4}RangeError: odd: 3\n {7}In\[2\]:1:1\n/,
  );
  expect(status).toBe(1);
  expect(readFileSync(join(out, "good.html"), "utf8")).toContain("21");
  expect(readFileSync(join(out, "good.ipynb"), "utf8")).toContain(`"21"`);
  expect(existsSync(join(out, "bad.html"))).toBe(true);
});

test("a file that is not there is an error of its own line", () => {
  const { status, stdout } = execute(join(folder, "none.ipynb"));
  expect(stdout).toMatch(/none\.ipynb: no such file/);
  expect(status).toBe(1);
});
