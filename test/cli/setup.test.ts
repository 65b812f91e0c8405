import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";

const folder = mkdtempSync(join(tmpdir(), "typhoon-setup-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** Runs code in a process of its own, as the set-up is plain JavaScript that ends its process. */
function runCode(code: string, env: NodeJS.ProcessEnv = {}): { status: number | null; stdout: string; stderr: string } {
  const imports = ["python", "step"].map((name) => {
    const url = new URL(`../../kernel/cli/${name}.mjs`, import.meta.url);
    return `import * as ${name} from ${JSON.stringify(url.href)};`;
  });
  const args = ["--input-type=module", "-e", `${imports.join("\n")}\nawait step.runMain(async () => { ${code} });`];
  return spawnSync(process.execPath, args, { encoding: "utf8", env: { ...process.env, ...env } });
}

/** Writes a program that stands for a Python: what it prints when it is asked what it is. */
function fakePython(name: string, script: string): string {
  const path = join(folder, name);
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
  return path;
}

test("a Python that is not there is named, with what to do", () => {
  const { status, stderr } = runCode("python.findPython()", { PYTHON: join(folder, "none") });
  expect(status).toBe(1);
  expect(stderr).toMatch(/none: not found/);
  expect(stderr).toMatch(/then run the command again/);
  expect(stderr).not.toMatch(/^\s+at /m);
});

test.runIf(process.platform !== "win32").for([
  ["old", "echo 3 8", /old: is Python 3\.8, too old/],
  ["bare", `echo "ModuleNotFoundError: No module named 'ensurepip'" >&2; exit 1`, /bare: has no module ensurepip/],
] as const)("a Python that will not do (%s) is refused with the reason", ([name, script, reason]) => {
  expect(runCode("python.findPython()", { PYTHON: fakePython(name, script) }).stderr).toMatch(reason);
});

test.runIf(process.platform !== "win32")("a Python that will do is taken", () => {
  const path = fakePython("good", "echo 3 9");
  expect(runCode("console.log(python.findPython().command)", { PYTHON: path }).stdout.trim()).toBe(path);
});

test("a step that fails shows both ends of what it printed, and the advice", () => {
  const script = "for (let i = 1; i <= 100; i++) console.log('line ' + i); process.exit(7)";
  const { stderr } = runCode(
    `await step.run(process.execPath, ["-e", ${JSON.stringify(script)}], { advice: "Try again." })`,
  );
  expect(stderr).toMatch(/line 1\n/);
  expect(stderr).toMatch(/line 100\n/);
  expect(stderr).not.toMatch(/line 50\n/);
  expect(stderr).toMatch(/ended with code 7\nTry again\.\n$/);
});

test("a step that succeeds says only how long it took", () => {
  const { stdout, status } = runCode(
    `await step.step("work", () => step.run(process.execPath, ["-e", "console.log(1)"]))`,
  );
  expect(status).toBe(0);
  expect(stdout).toMatch(/^work: \d+\.\d s\n$/);
});
