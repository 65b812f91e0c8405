import { afterAll, beforeAll, expect, test } from "vitest";
import { type TestKernel, startTestKernel } from "./harness.ts";

let kernel: TestKernel;
beforeAll(async () => {
  kernel = await startTestKernel({ env: { TYPHOON_PLAIN: "1" } });
  await kernel.run('import { capture, decorate, initialize, input as ask, magic, time, timeit } from "typhoon-kernel"');
});
afterAll(async () => await kernel.shutdown());

test("capture keeps what code prints and shows, in a cell as in a program", async () => {
  const { stdout, displays, result } = await kernel.run(
    "const out = await capture(() => { console.log('kept'); display('shown'); return 3 })\n;[out.stdout, out.outputs.length, out.value]",
  );
  expect({ stdout, displays, result }).toEqual({ stdout: "", displays: [], result: "[ 'kept\\n', 1, 3 ]" });
  const begun = "const begun = await capture.start({ stderr: false })\nconsole.log('a')\nconsole.error('b')";
  const { stdout: printed, stderr } = await kernel.run(
    `${begun}\nconst { stdout } = await begun.end(1)\nconsole.log([stdout])`,
  );
  expect({ printed, stderr }).toEqual({ printed: "[ 'a\\n' ]\n", stderr: "b\n" });
  expect(await kernel.run("await capture(() => { console.log('told'); throw new Error('x') })")).toMatchObject({
    stdout: "told\n",
    error: "Error: x",
  });
});

test("time and timeit print, and give the code's value and the times", async () => {
  const { stdout, result } = await kernel.run("await time(() => 6 * 7)");
  expect(stdout).toMatch(/^CPU time: .*\nWall time: .*\n$/);
  expect(result).toBe("42");
  expect((await kernel.run("await timeit(() => 1, { loops: 10, runs: 2 })")).stdout).toContain("2 runs, 10 loops each");
  expect(await kernel.run("(await timeit(() => 1, { loops: 10, runs: 2, quiet: true })).loops")).toMatchObject({
    stdout: "",
    result: "10",
  });
});

test("magic runs a magic by its name, with the notebook's names", async () => {
  await kernel.run("const rate = 5");
  expect((await kernel.run("await magic('who')")).stdout).toContain("rate");
  expect((await kernel.run("await magic('%pwd')")).result).toContain(kernel.folder);
  expect((await kernel.run("await magic('sql', 'select :rate::integer as r')")).result).toContain("5");
  expect((await kernel.run("await magic('html', '', '<b>x</b>')")).displays[0]).toMatchObject({
    "text/html": "<b>x</b>",
  });
  expect((await kernel.run("await magic('time', '1')")).error).toContain(
    "call its function, as in `time(() => work())`",
  );
  expect((await kernel.run("await magic('nope')")).error).toContain("there is no such magic");
});

test("input, sh and display.result are the cell's", async () => {
  expect((await kernel.run("await ask('Name? ', { default: 'Ada' })")).result).toBe("'Ada'");
  const { stdout, stderr } = await kernel.run("await sh`echo out; echo err >&2`.show()");
  expect({ stdout, stderr }).toEqual({ stdout: "out\n", stderr: "err\n" });
  expect((await kernel.run("await sh`exit 3`.show()")).error).toContain("exit");
  const { displays } = await kernel.run(
    "display.result(undefined)\ndisplay.result(display('a'))\ndisplay.result(null)",
  );
  expect(displays.map((data) => data["text/plain"])).toEqual(["'a'", "null"]);
});
