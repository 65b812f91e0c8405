import { spawn } from "node:child_process";
import { resolve } from "node:path";
import { expect, test } from "vitest";

/** Runs code that asks, with these lines piped in. */
function ask(code: string, piped: string): Promise<{ stdout: string; stderr: string; code: number | null }> {
  const source = `import { input } from ${JSON.stringify(resolve("display/input.ts"))};\n${code}`;
  const child = spawn(process.execPath, ["--input-type=module-typescript", "-e", source]);
  child.stdin.end(piped);
  const text = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) child[name].on("data", (more) => (text[name] += String(more)));
  return new Promise((done) => child.on("close", (exit) => done({ ...text, code: exit })));
}

test("in a program without a terminal, input takes the lines that are piped in, then the default", async () => {
  const code =
    'const a = await input("A? ");\nconst b = await input.password("B? ");\nconst c = await input("C? ", { default: "none" });\nconst d = await input("D? ", { default: "end" });\nconsole.log([a, b, c, d]);';
  const { stdout } = await ask(code, "one\nsecret\n\n");
  expect(stdout).toBe(
    "A? one\nB? \nC? \nD? end (the default: nobody can answer here)\n[ 'one', 'secret', 'none', 'end' ]\n",
  );
});

test("where nobody can answer and there is no default, input says what to do", async () => {
  const { stderr, code } = await ask('await input("Name? ");', "");
  expect(code).toBe(1);
  expect(stderr).toContain('StdinNotAllowed: nobody can answer "Name? ": the input has ended.');
  expect(stderr).toContain('give a default, as in `input("Name? ", { default: "Ada" })`');
});
