import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { listInstalled, undoInstall } from "../../../magics/npm/undo.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "typhoon-undo-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

function write(path: string, text: string): void {
  const file = join(folder, "node_modules", path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}

function move(from: string, to: string): void {
  mkdirSync(dirname(join(folder, "node_modules", to)), { recursive: true });
  renameSync(join(folder, "node_modules", from), join(folder, "node_modules", to));
}

function files(): Record<string, string> {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return Object.fromEntries(
    entries.map((entry) => {
      const path = join(entry.parentPath, entry.name);
      return [path.slice(folder.length + 1), readFileSync(path, "utf8")];
    }),
  );
}

test("what npm has set aside, moved on, replaced and added is as it was", async () => {
  write("a/package.json", "a 1");
  write("a/node_modules/kept/package.json", "kept");
  write("a/node_modules/@s/kept/package.json", "scoped");
  write("@s/b/package.json", "b 1");
  write("c/package.json", "c 1");
  write(".package-lock.json", "hidden");
  mkdirSync(join(folder, "node_modules", ".bin"));
  symlinkSync("../a/run.js", join(folder, "node_modules", ".bin", "a"));
  const installed = listInstalled(folder);
  const before = files();

  move("a", ".a-Ab1Cd2Ef");
  write("a/package.json", "a 2");
  write("a/node_modules/new/package.json", "new");
  move(".a-Ab1Cd2Ef/node_modules/kept", "a/node_modules/kept");
  move("@s/b", "@s/.b-0123abcd");
  write("@s/b/half", "half unpacked");
  write("@s/d/package.json", "d");
  write("@new/e/package.json", "e");
  move(".bin/a", ".bin/.a-Zz9Yy8Xx");
  symlinkSync("../f/run.js", join(folder, "node_modules", ".bin", "f"));
  write("c/node_modules/g/package.json", "g");

  await undoInstall(folder, installed);
  expect(files()).toEqual(before);
  expect(readdirSync(join(folder, "node_modules", ".bin"))).toEqual(["a"]);
  expect(listInstalled(folder)).toEqual(installed);
  expect(readdirSync(folder)).toEqual(["node_modules"]);
});

test("where there was no node_modules there is none", async () => {
  const installed = listInstalled(folder);
  write("a/package.json", "a");
  await undoInstall(folder, installed);
  expect(readdirSync(folder)).toEqual([]);
});
