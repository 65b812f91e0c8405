import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Received } from "../../kernel/cli/client.ts";
import { type Seen, type TestKernel, see, seen, startTestKernel } from "./harness.ts";

let kernel: TestKernel;

beforeAll(async () => {
  kernel = await startTestKernel();
});
afterAll(() => kernel.shutdown());

const plain = (text: unknown): string => String(text).replaceAll(/\u001B\[[\d;]*m/g, "");

/** What a notebook shows in the end: streams joined, displays with their last data. */
function shownBy({ published }: Seen): string[] {
  const shown: string[] = [];
  const places = new Map<unknown, number>();
  for (const { header, content } of published) {
    const data = content["data"] as Record<string, unknown> | undefined;
    const id = (content["transient"] as { display_id?: unknown } | undefined)?.display_id;
    if (header.msg_type === "stream") shown.push(plain(content["text"]));
    else if (header.msg_type === "update_display_data" && places.has(id)) {
      shown[places.get(id)!] = plain(data!["text/plain"]);
    } else if (header.msg_type === "display_data" || header.msg_type === "execute_result") {
      places.set(id, shown.length);
      shown.push(plain(data!["text/plain"]));
    } else if (header.msg_type === "error") shown.push(String(content["ename"]));
    else if (header.msg_type === "clear_output") shown.push("(clear)");
  }
  return shown;
}

const notices = (run: Seen): string[] => shownBy(run).filter((text) => text.startsWith("…"));
const isUpdate = ({ header }: Received): boolean => header.msg_type === "update_display_data";

/** Peak memory of the kernel process and its runtime, in MB. */
function peaks(): number[] {
  const { pid } = kernel.process;
  const runtime = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ")[0];
  return [pid, runtime].map(
    (id) => Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${id}/status`, "utf8"))![1]) / 1024,
  );
}

/** Interrupts a cell when a message fits; resolves with the time until it was idle. */
async function floodUntil(
  code: string,
  fits: (message: Received, index: number) => boolean,
): Promise<Seen & { ms: number }> {
  let count = 0;
  const begun = Promise.withResolvers<void>();
  const { answer } = kernel.send(
    "execute_request",
    { code },
    {
      onPublished: (message) => {
        if (fits(message, (count += 1))) begun.resolve();
      },
    },
  );
  await begun.promise;
  const start = performance.now();
  await kernel.request("interrupt_request", {}, { channel: "control", untilIdle: false });
  const run = see(await answer);
  return { ...run, ms: performance.now() - start };
}

describe("text", () => {
  test("of 400,000 lines the first 1 MB and the last lines are shown, with the number between, then the result", async () => {
    const run = await kernel.run('for (let i = 0; i < 400_000; i++) console.log("line " + i)\n"the end"');
    const lines = run.stdout.split("\n");
    const cut = lines.findIndex((line, i) => line !== `line ${i}`);
    expect(run.stdout.length).toBeGreaterThan(1_000_000);
    expect(run.stdout.length).toBeLessThan(1_200_000);
    const [notice, ...more] = notices(run);
    expect(more).toEqual([]);
    const left = Number(
      /^… ([\d,]+) lines \([\d.]+ MB\) left out\. %config output\.text = 10 MB, or TYPHOON_OUTPUT_TEXT, raises the limit of 1 MB$/
        .exec(notice!)![1]!
        .replaceAll(",", ""),
    );
    expect(lines[cut]).toBe(`line ${cut + left}`);
    expect(lines.at(-2)).toBe("line 399999");
    const shown = shownBy(run);
    expect(shown.at(-1)).toBe("'the end'");
    const at = shown.indexOf(notice!);
    expect(shown[at - 1]).toMatch(new RegExp(`line ${cut - 1}\n$`));
    expect(shown[at + 1]).toMatch(new RegExp(`^line ${cut + left}\n`));
  });

  test("of one line of 200 MB its beginning and its end are shown; memory stays bounded", async () => {
    const run = await kernel.run('process.stdout.write("ab".repeat(1e8) + "\\n")');
    expect(notices(run)[0]).toMatch(/^… 190 MB of one line left out/);
    expect(run.stdout.length).toBeLessThan(1.2 * 2 ** 20);
    expect(run.stdout).toMatch(/^(?:ab)+b?(?:ab)+\n$/);
    const [own, runtime] = peaks();
    expect(own).toBeLessThan(300);
    expect(runtime).toBeLessThan(900);
  });

  test("stdout and stderr in turn are few messages", async () => {
    const run = await kernel.run("for (let i = 0; i < 20_000; i++) console[i % 2 ? 'error' : 'log'](i)");
    expect(run.published.length).toBeLessThan(1_300);
    expect(notices(run)[0]).toContain("output.displays = 10000");
    expect(shownBy(run).slice(-2)).toEqual(["19998\n", "19999\n"]);
  });

  test.each([
    ["console.log", 'for (;;) console.log("a line")'],
    ["fs.writeSync", 'import { writeSync } from "node:fs"\nfor (;;) writeSync(1, "a line\\n")'],
    ["a child", 'import { execSync } from "node:child_process"\nexecSync("yes", { stdio: "inherit" })'],
    [
      "a child that is awaited",
      'import { spawn } from "node:child_process"\nimport { once } from "node:events"\nconst yes = spawn("yes", { stdio: "inherit" })\ntry { await once(yes, "exit") } finally { yes.kill() }',
    ],
    [
      "timers",
      'const timer = setInterval(() => { for (let i = 0; i < 1e5; i++) console.error("a line") })\ntry { await new Promise(() => {}) } finally { clearInterval(timer) }',
    ],
  ])(
    "a flood without end from %s tells of itself, is interrupted at once, and ends with its last lines",
    async (_, code) => {
      const run = await floodUntil(code, isUpdate);
      const live = run.published.filter((message) => message.header.msg_type === "display_data");
      expect(plain((live[0]!.content["data"] as Record<string, string>)["text/plain"])).toMatch(
        /^… the output goes on: [\d,]+ lines \([\d.]+ [KMG]B\) beyond the limit of 1 MB so far, the last:\n(?:a line|y)\n/,
      );
      expect(run.ms).toBeLessThan(2_000);
      expect(run.error).toMatch(/^Interrupted/);
      expect(notices(run).length).toBe(1);
      expect(run.stdout.length + run.stderr.length).toBeLessThan(1.4e6);
      expect((await kernel.run("1 + 1")).result).toBe("2");
      for (const peak of peaks()) expect(peak).toBeLessThan(900);
    },
  );
});

describe("text beyond a limit of 64 KB", () => {
  beforeAll(() => kernel.run("%config output.text = 64KB"));
  afterAll(() => kernel.run("%config output.text = default"));

  test("the error of a flood is its last output", async () => {
    const run = await kernel.run(
      'for (let i = 0; i < 40_000; i++) console.log("line " + i)\nthrow new Error("after it")',
    );
    const shown = shownBy(run);
    expect(shown.at(-1)).toBe("Error");
    expect(shown.at(-2)).toMatch(/line 39999\n$/);
  });

  test("a display after a flood comes after the flood's last lines, and before what follows", async () => {
    const run = await kernel.run(
      'for (let i = 0; i < 40_000; i++) console.log("line " + i)\ndisplay("chart")\nconsole.log("more")',
    );
    expect(shownBy(run).slice(-3)).toEqual([expect.stringMatching(/line 39999\n$/), "'chart'", "more\n"]);
  });

  test("after the cell's end the notice counts on, with the last lines", async () => {
    const told = seen(
      kernel,
      (message) => isUpdate(message) && JSON.stringify(message.content).includes("late 1234567"),
    );
    const run = await kernel.run(
      'for (let i = 0; i < 40_000; i++) console.log("line " + i)\nsetTimeout(() => { for (let i = 0; i < 20_000; i++) console.log("late " + i); console.log("late 1234567") })',
    );
    expect((await told).parent_header.msg_id).toBe(run.published[0]!.parent_header.msg_id);
  });

  test("after clear_output the limit begins anew", async () => {
    const run = await kernel.run(
      'for (let i = 0; i < 40_000; i++) console.log("line " + i)\ndisplay.clear()\nconsole.log("fresh")',
    );
    expect(shownBy(run).slice(-2)).toEqual(["(clear)", "fresh\n"]);
  });

  test("a progress line that overwrites itself is nowhere left out", async () => {
    const run = await kernel.run("for (let i = 0; i < 200_000; i++) process.stdout.write(`\\rstep ${i} of 200000`)");
    expect(notices(run)).toEqual([]);
    expect(run.stdout.split("\r").at(-1)).toBe("step 199999 of 200000");
    expect(run.stdout.length).toBeLessThan(500_000);
  });

  test("what %%capture keeps fits into a value, or else the cell is ended and shows the last of it", async () => {
    const run = await kernel.run('%%capture kept\nfor (let i = 0;; i++) console.log(`${i} ${"x".repeat(1_000)}`)');
    expect(run.error).toMatch(/^RangeError: this cell has printed more than 256 MB, the most that is captured/);
    expect(run.published.filter(({ header }) => header.msg_type === "error")).toHaveLength(1);
    expect(run.stdout).toMatch(/^… 255 MB of captured text left out\n\d+ x+\n/);
    expect(run.stdout.length).toBeLessThan(1_100_000);
  });

  test("what %%capture keeps is not limited", async () => {
    await kernel.run('%%capture kept\nfor (let i = 0; i < 40_000; i++) console.log("line " + i)');
    expect((await kernel.run("kept.stdout.length")).result).toBe("428890");
  });
});

describe("displays", () => {
  test("of ten thousand the first 1,000 and the last ten are shown", async () => {
    const run = await kernel.run("for (let i = 0; i < 10_000; i++) display(i)\n'the end'");
    const shown = shownBy(run);
    expect(shown.slice(0, 1_000)).toEqual(Array.from({ length: 1_000 }, (_, i) => String(i)));
    expect(shown[1_000]).toBe(
      "… 8,990 displays left out. %config output.displays = 10000, or TYPHOON_OUTPUT_DISPLAYS, raises the limit of 1000 outputs",
    );
    expect(shown.slice(1_001)).toEqual([...Array.from({ length: 10 }, (_, i) => String(9_990 + i)), "'the end'"]);
  });

  test("one of 50 MB passes whole", async () => {
    const run = await kernel.run('display.text("x".repeat(50e6))');
    expect(String(run.displays[0]!["text/plain"]).length).toBe(50e6);
  });

  test("beyond a size in all, the last are kept", async () => {
    const run = await kernel.run(
      '%config output.data = 10MB\nfor (let i = 0; i < 10; i++) display.text(i + "x".repeat(5e6))',
    );
    const numbers = run.displays.map((data) => Number.parseInt(String(data["text/plain"]), 10));
    expect(numbers.filter((n) => !Number.isNaN(n))).toEqual([0, 1, 2, 7, 8, 9]);
    expect(notices(run)[0]).toMatch(/^… 4 displays left out\. %config output\.data = 100 MB/);
    await kernel.run("%config output.data = default");
  });

  test("of twenty thousand updates a few are sent, the last before the cell ends", async () => {
    const run = await kernel.run("const bar = display(0)\nfor (let i = 1; i <= 20_000; i++) bar.update(i)");
    const sent = run.published.filter(isUpdate);
    expect(sent.length).toBeLessThan(1_000);
    expect(shownBy(run)).toEqual(["20000"]);
  });

  test("an update reaches a display that is among the last", async () => {
    const run = await kernel.run(
      "let last = display(0)\nfor (let i = 1; i <= 3_000; i++) last = display(i)\nlast.update('changed')",
    );
    expect(shownBy(run).at(-1)).toBe("'changed'");
  });

  test("the result after an animation has its number", async () => {
    const run = await kernel.run(
      'for (let i = 0; i < 2_000; i++) {\n  display.clear({ wait: true })\n  console.log(i)\n}\n"the result"',
    );
    const { content } = run.published.find(({ header }) => header.msg_type === "execute_result")!;
    expect(content["execution_count"]).toBe(run.count);
  });

  test("of an animation a few pictures are sent, the last of them in the end", async () => {
    const run = await kernel.run(
      'for (let i = 0; i < 5_000; i++) {\n  display.clear({ wait: true })\n  console.log("picture " + i)\n  display(i)\n}',
    );
    const clears = run.published.filter(({ header }) => header.msg_type === "clear_output").length;
    expect(clears).toBeGreaterThan(1);
    expect(clears).toBeLessThan(500);
    expect(shownBy(run).slice(-3)).toEqual(["(clear)", "picture 4999\n", "4999"]);
  });

  test.each(["display(new Slow())", "handle.update(new Slow())"])(
    "a loop of %s that lets none be made is ended with advice",
    async (show) => {
      const run = await kernel.run(
        `class Slow { async [Symbol.for("Jupyter.display")]() { return { "text/plain": "slow" } } }
         const handle = display("first")
         for (;;) ${show}`,
      );
      expect(run.error).toMatch(/^RangeError: 10,000 displays of this cell are still being made/);
      expect(shownBy(run)).toContain("slow");
    },
  );

  test("displays behind one that is never made go past it", async () => {
    const never = '({ [Symbol.for("Jupyter.display")]: () => new Promise(() => {}) })';
    const run = await floodUntil(`display(${never})\nfor (;;) display("next")`, (_message, index) => index === 20);
    expect(shownBy(run)).toContain("'next'");
    expect(run.ms).toBeLessThan(2_000);
  });

  test("large updates of many displays wait in the cell, not in the kernel's memory", async () => {
    const run = await floodUntil(
      `const shown = Array.from({ length: 300 }, (_, i) => display(i)), large = "x".repeat(3e6)
for (let i = 0;; i++) for (const each of shown) {
  each.update({ [Symbol.for("Jupyter.display")]: () => ({ "text/html": large + i }) })
  await null
}`,
      (_message, index) => index === 305,
    );
    expect(run.ms).toBeLessThan(5_000);
    expect(peaks()[0]).toBeLessThan(600);
  });

  test.each([
    ["displays", 'for (;;) display("a text")'],
    ["updates", 'const shown = display("a text")\nfor (let i = 0;; i++) shown.update(i)'],
    ["pictures", "for (let i = 0;; i++) {\n  display.clear({ wait: true })\n  display(i)\n}"],
    [
      "errors",
      'const timer = setInterval(() => { throw new Error("again") }, 0)\ntry { await new Promise(() => {}) } finally { clearInterval(timer) }',
    ],
  ])("%s without end are interrupted at once", async (_, code) => {
    const run = await floodUntil(code, (_message, index) => index === 20);
    expect(run.ms).toBeLessThan(2_000);
    expect(run.error).toMatch(/^Interrupted/);
    expect((await kernel.run("1 + 1")).result).toBe("2");
  });
});

test("a limit that the flooding cell takes off holds no more, and the notice says so", async () => {
  const print = "for (let i = 0; i < 100_000; i++) console.log('line ' + i)";
  const run = await kernel.run(`%config output.text = 1KB\n${print}\n%config output.text = none\n${print}`);
  await kernel.run("%config output.text = default");
  const [notice, ...more] = notices(run);
  expect(notice).toMatch(/^… [\d,]+ lines \(.*\) left out\. There is no limit output\.text now$/);
  expect(more).toEqual([]);
  expect(run.stdout.endsWith(Array.from({ length: 100_000 }, (_, i) => `line ${i}\n`).join(""))).toBe(true);
});

test("a limit is raised, lowered and switched off by its name", async () => {
  const run = await kernel.run('%config output.text = 1KB\nfor (let i = 0; i < 40_000; i++) console.log("line " + i)');
  expect(notices(run)[0]).toContain("%config output.text = 10 KB");
  await kernel.run("%config output.text = none");
  expect((await kernel.run('for (let i = 0; i < 200_000; i++) console.log("line " + i)')).stdout.length).toBe(2288890);
  expect((await kernel.run("%config output.text")).stdout).toBe("output.text = none\n");
  await kernel.run("%config output.text = default");
});
