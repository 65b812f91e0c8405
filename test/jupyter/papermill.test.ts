import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, test } from "vitest";
import packageJson from "../../package.json" with { type: "json" };
import { type Ran, runProgram, writeNotebook } from "./programs.ts";

// Each test waits for programs of its own, which mostly load, so they run at the same time.

const folder = mkdtempSync(join(tmpdir(), "typhoon-papermill-"));
afterAll(() => rmSync(folder, { recursive: true }));

const source = `const n: number = 1 // how many
const region: "west" | "east" = "west"
const rest: unknown = undefined`;

/** Runs a notebook of a parameters cell and `cells`; returns what they printed too. */
async function papermill(
  name: string,
  cells: readonly string[],
  ...args: readonly string[]
): Promise<Ran & { readonly printed: string; readonly injected: string }> {
  const input = writeNotebook(folder, name, [{ source, tags: ["parameters"] }, ...cells]);
  const output = join(folder, `out-${name}`);
  const env = { TYPHOON_PLAIN: "1" };
  const ran = await runProgram(folder, ["papermill", "--no-progress-bar", input, output, ...args], { env });
  const { cells: executed } = JSON.parse(readFileSync(output, "utf8")) as {
    cells: { metadata: { tags: string[] }; source: string[]; outputs?: { text?: string[] }[] }[];
  };
  const injected = executed.find(({ metadata }) => metadata.tags.includes("injected-parameters"));
  return {
    ...ran,
    injected: injected?.source.join("") ?? "",
    printed: executed.flatMap(({ outputs = [] }) => outputs.flatMap(({ text = [] }) => text)).join(""),
  };
}

test.concurrent("-p gives typed parameters, which the notebook may assign to", async ({ expect }) => {
  const cells = ["n += 1", "console.log(typeof n, String(n), region)"];
  const { code, printed, injected } = await papermill("typed.ipynb", cells, "-p", "n", "5", "-p", "region", "east");
  expect(injected).toBe(`// Parameters\nlet n: number = 5;\nlet region: string = "east";\n`);
  expect(printed).toBe("number 6 east\n");
  expect(code).toBe(0);
});

test.concurrent("every kind of value arrives as it was given", async ({ expect }) => {
  const yaml = `rest: [null, true, 0.5, 9007199254740993, "a\\"b\\n\${n} 👩\\x07\\u2028", {"__proto__": {k: []}}]`;
  const cells = [
    `import { inspect } from "node:util"; console.log(inspect(rest, { depth: 9, breakLength: Infinity }))`,
  ];
  const { printed, code } = await papermill("kinds.ipynb", cells, "-y", yaml);
  expect(printed).toBe(
    `[ null, true, 0.5, 9007199254740993n, 'a"b\\n\${n} 👩\\x07\u2028', { ['__proto__']: { k: [] } } ]\n`,
  );
  expect(code).toBe(0);
});

test.concurrent("the defaults hold where nothing is given", async ({ expect }) => {
  const { code, printed } = await papermill("defaults.ipynb", ["console.log(`${n} ${region}`)"]);
  expect(printed).toBe("1 west\n");
  expect(code).toBe(0);
});

test.concurrent("--help-notebook lists the parameters with their types", async ({ expect }) => {
  const input = writeNotebook(folder, "help.ipynb", [{ source, tags: ["parameters"] }]);
  const { stdout, code } = await runProgram(folder, ["papermill", "--help-notebook", input]);
  expect(stdout).toMatch(/^ {2}n: number \(default 1\) +how many$/m);
  expect(stdout).toMatch(/^ {2}region: "west" \| "east" \(default "west"\)$/m);
  expect(code).toBe(0);
});

test.concurrent("a failing cell ends the run with an exit code; the log names cell, line and column", async ({
  expect,
}) => {
  const { code, stderr, printed } = await papermill(
    "fails.ipynb",
    ["// a comment\n  throw new RangeError(`odd: ${n}`)", "console.log('never')"],
    "-p",
    "n",
    "3",
  );
  expect(code).toBe(1);
  expect(stderr).toContain("RangeError: odd: 3\n   In[3]:2:3\n");
  expect(stderr).toContain("> 2 │   throw new RangeError(`odd: ${n}`)\n");
  expect(stderr).not.toContain("\u001B");
  expect(printed).toBe("");
});

test.concurrent("what cannot be a parameter is refused with the reason", async ({ expect }) => {
  const input = writeNotebook(folder, "refused.ipynb", ["1"]);
  const { code, stderr } = await runProgram(folder, ["papermill", input, join(folder, "no.ipynb"), "-p", "my-n", "1"]);
  expect(code).toBe(1);
  expect(stderr).toContain(`"my-n" cannot be the name of a parameter: it is no name of TypeScript`);
});

test.concurrent("the Python package passes its own tests, and has the version of the npm package", async ({
  expect,
}) => {
  const env = { PYTHONPATH: resolve("python/src"), PYTHONDONTWRITEBYTECODE: "1" };
  const { code, stderr } = await runProgram(folder, ["python", "-m", "unittest", "discover", resolve("python/tests")], {
    env,
  });
  expect(stderr).toMatch(/^Ran \d\d tests/m);
  expect(code).toBe(0);
  expect(readFileSync("python/pyproject.toml", "utf8")).toContain(`\nversion = "${packageJson.version}"\n`);
});
