import { mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { expect, test } from "vitest";
import { watchFolder } from "../../kernel/language/files.ts";

interface Place {
  readonly folder: string;
  write(name: string, text: string): void;
  /** What changed, such as `1 lib/tool.ts`. */
  changes(): string[];
  follow(specifier: string): void;
}

function place(files: readonly string[] = [], lookMs = Infinity): Place {
  const folder = mkdtempSync(join(tmpdir(), "typhoon-files-"));
  const write = (name: string, text: string): void => {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  };
  for (const name of files) write(name, "");
  const { look, follow } = watchFolder(folder, lookMs);
  return {
    folder,
    write,
    changes: () =>
      look()
        .files.map(({ path, type }) => `${type} ${relative(folder, path)}`)
        .toSorted(),
    follow,
  };
}

test("sources that are new, edited or gone are told once", () => {
  const { folder, write, changes } = place(["a.ts", "lib/b.json", "node_modules/p/index.js", ".git/c.ts", "d.txt"]);
  expect(changes()).toEqual([]);
  write("a.ts", "edited");
  write("lib/new.tsx", "");
  rmSync(join(folder, "lib/b.json"));
  expect(changes()).toEqual(["1 lib/new.tsx", "2 a.ts", "3 lib/b.json"]);
  expect(changes()).toEqual([]);
});

test("a file that comes into an old folder is seen, whatever comes after", () => {
  const { folder, write, changes } = place(["a.ts"]);
  utimesSync(folder, 1, 1);
  expect(changes()).toEqual([]);
  for (const name of ["b.ts", "c.ts", "d.ts"]) {
    write(name, "");
    expect(changes()).toEqual([`1 ${name}`]);
  }
});

test("a module that a cell imports is looked at wherever it is", () => {
  const { write, changes, follow } = place(["1/2/3/4/5/6/far.ts"]);
  write("1/2/3/4/5/6/far.ts", "unseen");
  expect(changes()).toEqual([]);
  follow("./1/2/3/4/5/6/far.js");
  follow("./1/2/3/4/5/6/none");
  expect(changes()).toEqual([]);
  write("1/2/3/4/5/6/far.ts", "seen now");
  write("1/2/3/4/5/6/none.ts", "");
  expect(changes()).toEqual(["1 1/2/3/4/5/6/none.ts", "2 1/2/3/4/5/6/far.ts"]);
});

test("a folder that was deleted has nothing", () => {
  const { folder, changes } = place(["a.ts"]);
  rmSync(folder, { recursive: true });
  expect(changes()).toEqual(["3 a.ts"]);
});

test("in a folder of 20,000 files what is nearest is looked at, at a bounded cost", () => {
  const { write, changes } = place(["near.ts"]);
  for (let i = 0; i < 20_000; i += 1) write(`data/${i % 40}/x${i}.json`, "");
  changes();
  write("near.ts", "edited");
  expect(changes()).toEqual(["2 near.ts"]);
});

test("a link to itself is no file", () => {
  const { folder, write, changes } = place();
  symlinkSync("loop.ts", join(folder, "loop.ts"));
  write("a.ts", "");
  expect(changes()).toEqual(["1 a.ts"]);
});

test("a look that may take no longer goes on with the next one", () => {
  const { folder, write, changes, follow } = place(["a.ts", "b.ts", "c.ts", "d.ts"], 0);
  const all = (): string[] => Array.from({ length: 20 }, changes).flat().toSorted();
  all();
  expect(all()).toEqual([]);
  for (const name of ["a.ts", "b.ts", "d.ts"]) write(name, "edited");
  rmSync(join(folder, "c.ts"));
  const looks = Array.from({ length: 20 }, changes);
  expect(Math.max(...looks.map((look) => look.length))).toBe(1);
  expect(looks.flat().toSorted()).toEqual(["2 a.ts", "2 b.ts", "2 d.ts", "3 c.ts"]);
  expect(all()).toEqual([]);
  // What a cell imports does not wait for the rest.
  follow("./a.ts");
  for (const name of ["a.ts", "b.ts"]) write(name, "edited again");
  const first = Array.from({ length: 5 }, changes).flat();
  expect(first).toContain("2 a.ts");
});
