import { expect, test } from "vitest";
import { timeit, type Timing } from "../../magics/timeit.ts";
import { codeCall, createNotebook } from "./context.ts";
import { testMagic } from "./contract.ts";

testMagic(timeit, {
  wrong: ["--no-such-option", "-n 0", "-r x"],
  short: codeCall(() => 1, "-n 10 -r 2"),
  long: (ready) =>
    codeCall(() => {
      ready();
      return new Promise(() => {});
    }),
});

testMagic(
  { ...timeit },
  // Code that never waits for anything but promises gives way to an interrupt too.
  { short: codeCall(() => 1, "-n 1 -r 1"), long: (ready) => codeCall(ready, "-n 1000000000") },
);

test("%timeit prints the mean and the spread of the runs", async () => {
  const notebook = createNotebook();
  const busy = codeCall(() => {
    const end = performance.now() + 2;
    while (performance.now() < end);
  }, "-n 3 -r 2");
  expect(await timeit.run(busy, notebook.context)).toBeUndefined();
  expect(notebook.printed()).toMatch(
    /^[\d.]+ ms ± [\d.]+ [mµn]s per loop \(mean ± std\. dev\. of 2 runs, 3 loops each\)\n$/,
  );
});

test("%timeit finds the loop count, and an assigned timing is shown nowhere", async () => {
  const notebook = createNotebook();
  const call = codeCall(
    async () => {
      const end = performance.now() + 110;
      while (performance.now() < end);
    },
    "-r 1",
    { assigned: true },
  );
  const timing = (await timeit.run(call, notebook.context)) as Timing;
  expect(timing).toMatchObject({ loops: 2, runs: 1 });
  expect(timing.mean).toBeGreaterThan(0.109);
  expect(notebook.printed()).toBe("");
});

test("%timeit does not count its own cost", async () => {
  const code = async (): Promise<void> => {};
  const loops = 100_000;
  const start = performance.now();
  for (let i = 0; i < loops; i++) await code();
  const ownCost = (performance.now() - start) / 1e3 / loops;
  const call = codeCall(code, `-n ${loops} -r 3`, { code, assigned: true });
  const timing = (await timeit.run(call, createNotebook().context)) as Timing;
  expect(timing.best).toBeLessThan(ownCost / 2);
});

test("%timeit runs code exactly loops × runs times if both are given", async () => {
  let calls = 0;
  await timeit.run(
    codeCall(() => calls++, "-n 200 -r 3"),
    createNotebook().context,
  );
  expect(calls).toBe(600);
});
