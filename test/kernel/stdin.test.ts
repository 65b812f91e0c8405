import { afterAll, beforeAll, expect, test } from "vitest";
import { type TestKernel, startTestKernel } from "./harness.ts";

let kernel: TestKernel;
const asked: { prompt: string; password: boolean }[] = [];
beforeAll(async () => {
  kernel = await startTestKernel();
  kernel.onInput((prompt, password) => {
    asked.push({ prompt, password });
    return password ? "secret" : "Grace";
  });
});
afterAll(() => kernel.shutdown());

test("input asks the front end and returns the answer", async () => {
  const { result } = await kernel.run(`await input("name? ")`, { allow_stdin: true });
  expect(result).toBe("'Grace'");
  expect(asked.at(-1)).toEqual({ prompt: "name? ", password: false });
});

test("input.password hides what is typed", async () => {
  const { result } = await kernel.run(`(await input.password()).length`, { allow_stdin: true });
  expect(result).toBe("6");
  expect(asked.at(-1)).toEqual({ prompt: "Password: ", password: true });
});

test("prompt and confirm block until the answer is there", async () => {
  const { result } = await kernel.run(`[prompt("who?"), confirm("sure?")]`, { allow_stdin: true });
  expect(result).toBe("[ 'Grace', false ]");
});

test("two questions at once are asked one after the other", async () => {
  const { result } = await kernel.run(`await Promise.all([input("a"), input("b")])`, { allow_stdin: true });
  expect(result).toBe("[ 'Grace', 'Grace' ]");
});

test("prompt and confirm fail where nobody can answer; prompt takes its default and says so", async () => {
  expect((await kernel.run(`prompt("who?")`)).error).toMatch(/^StdinNotAllowed: /);
  expect((await kernel.run(`confirm("sure?")`)).error).toMatch(/^StdinNotAllowed: /);
  const { result, stdout } = await kernel.run(`prompt("who?", "Ada")`);
  expect([result, stdout]).toEqual(["'Ada'", "who? Ada (the default: nobody can answer here)\n"]);
});

test("where nobody can answer, input fails and says what to do, or takes its default and says so", async () => {
  const { error } = await kernel.run(`await input("name? ")`);
  expect(error).toMatch(/^StdinNotAllowed: .*give a default/);
  const { result, stdout } = await kernel.run(`await input("name? ", { default: "Ada" })`);
  expect(result).toBe("'Ada'");
  expect(stdout).toBe("name? Ada (the default: nobody can answer here)\n");
});
