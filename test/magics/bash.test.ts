import { expect, test } from "vitest";
import { bash } from "../../magics/bash.ts";
import { cellCall, createNotebook } from "./context.ts";
import { testMagic } from "./contract.ts";

testMagic(bash, {
  wrong: [`"open`],
  short: cellCall("", "echo hi\n"),
  long: () => cellCall("", "echo ready\nsleep 60\necho no\n"),
});

test("%%bash runs a script of Bash with its arguments", async () => {
  const script = 'list=("$@")\necho "${#list[@]} ${list[1]}"\n';
  const result = await bash.run(cellCall(`one "two words"`, script, { assigned: true }), createNotebook().context);
  expect(result).toBe("2 two words");
});

test("%%bash fails with the exit code of its last command, and without a script", async () => {
  const { context } = createNotebook();
  await expect(bash.run(cellCall("", "false\n"), context)).rejects.toMatchObject({ name: "ShellError", code: 1 });
  await expect(bash.run(cellCall("", " \n"), context)).rejects.toThrow("there is no script");
});
