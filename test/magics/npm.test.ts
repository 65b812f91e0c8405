import { existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { findNpm } from "../../magics/npm/command.ts";
import { npm } from "../../magics/npm.ts";
import { createNotebook, lineCall } from "./context.ts";
import { testMagic } from "./contract.ts";

let root: string;
let folder: string;

beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), "typhoon-npm-")));
  folder = join(root, "notebooks");
  mkdirSync(join(folder, "local"), { recursive: true });
  writeJson(join(folder, "local", "package.json"), { name: "local", version: "1.0.0", main: "index.js" });
  writeFileSync(join(folder, "local", "index.js"), "module.exports = 42;\n");
});
afterEach(() => rmSync(root, { recursive: true }));

function writeJson(path: string, value: unknown): void {
  writeFileSync(path, JSON.stringify(value));
}

function writeEmpty(path: string): string {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, "");
  return path;
}

function script(parent: string): string {
  return join(parent, "node_modules", "npm", "bin", "npm-cli.js");
}

function readJson(path: string): unknown {
  return JSON.parse(readFileSync(path, "utf8"));
}

testMagic(npm, {
  wrong: ["", "--no-such-option"],
  short: lineCall("--version"),
  long: () => lineCall(["exec --call", `"node -e 'console.log(1); setInterval(() => {}, 1e6)'"`].join(" ")),
});

test("%npm add makes a package.json beside the notebook, and the next import finds the package", async () => {
  const from = join(folder, "In[1].mjs");
  const load = `export default async () => (await import("local")).default;`;
  writeFileSync(from, load);
  const { default: importLocal } = (await import(from)) as { default: () => Promise<unknown> };
  await expect(importLocal()).rejects.toThrow("local");
  const notebook = createNotebook({ folder });
  await npm.run(lineCall("add ./local"), notebook.context);
  expect(readJson(join(folder, "package.json"))).toEqual({
    private: true,
    type: "module",
    dependencies: { local: "file:local" },
  });
  expect(notebook.printed()).toContain("added 1 package");
  expect(await importLocal()).toBe(42);
});

test("a package.json above is the one that changes, and %npm says so", async () => {
  writeJson(join(root, "package.json"), { name: "above" });
  const notebook = createNotebook({ folder });
  await npm.run(lineCall("add ./notebooks/local"), notebook.context);
  expect(existsSync(join(folder, "package.json"))).toBe(false);
  expect(readJson(join(root, "package.json"))).toMatchObject({ dependencies: { local: "file:notebooks/local" } });
  expect(notebook.printed("stderr")).toContain(`npm works in ${root}, where package.json is.\n`);
});

test("an assigned %npm gives the output, and listing makes no package.json", async () => {
  const tree = await npm.run(lineCall("ls --json", { assigned: true }), createNotebook({ folder }).context);
  expect(JSON.parse(String(tree))).toEqual({});
  expect(existsSync(join(folder, "package.json"))).toBe(false);
});

test("%npm init makes an ESM package beside the notebook, whatever stands above", async () => {
  writeJson(join(root, "package.json"), { name: "above" });
  await npm.run(lineCall("init"), createNotebook({ folder }).context);
  expect(readJson(join(folder, "package.json"))).toMatchObject({ name: "notebooks", private: true, type: "module" });
});

test("npm's failure is an error with what npm said", async () => {
  const broken = { name: "local", version: "1.0.0", scripts: { install: "echo wheels are missing >&2; exit 3" } };
  writeJson(join(folder, "local", "package.json"), broken);
  const notebook = createNotebook({ folder });
  const failing = npm.run(lineCall("add ./local"), notebook.context);
  await expect(failing).rejects.toMatchObject({
    name: "ShellError",
    message: "%npm: exit code 3: npm add ./local",
    stderr: expect.stringContaining("wheels are missing"),
  });
  expect(notebook.printed("stderr")).toContain("wheels are missing");
});

test.for([
  ["ad zod", "%npm: npm has no command ad. Did you mean `%npm add`?"],
  ["unisntal zod", "%npm: npm has no command unisntal. Did you mean `%npm uninstall`?"],
  ["frobnicate", "%npm: npm has no command frobnicate. `%npm help` lists its commands"],
  ["add", "%npm: name the packages, as in `%npm add zod`. `%npm install` installs those of package.json"],
  ["add -D", "%npm: name the packages, as in `%npm add zod`. `%npm install` installs those of package.json"],
  ["remove", "%npm: name the packages, as in `%npm remove zod`. `%npm ls` lists those that are installed"],
  ["add ./nowhere", "%npm: there is no folder $FOLDER/nowhere. Paths count from $FOLDER"],
  ["add ./empty", "%npm: $FOLDER/empty is no package: it has no package.json"],
  ["add ./nowhere.tgz", "%npm: there is no file $FOLDER/nowhere.tgz. Paths count from $FOLDER"],
] as const)("%npm %s says what to do", async ([line, message]) => {
  mkdirSync(join(folder, "empty"));
  const notebook = createNotebook({ folder });
  const said = message.replaceAll("$FOLDER", folder);
  await expect(npm.run(lineCall(line), notebook.context)).rejects.toThrow(new RegExp(`^${RegExp.escape(said)}`));
  expect(notebook.printed()).not.toContain("Unknown command");
  expect(existsSync(join(folder, "package.json"))).toBe(false);
});

test("npm is found where it started us, beside Node, or on PATH; else the error says what to install", () => {
  const node = join(root, "bin", "node");
  expect(() => findNpm({ PATH: root }, node)).toThrow("npm was not found; install Node.js with npm");
  const onPath = writeEmpty(join(root, "path", "npm"));
  expect(findNpm({ PATH: join(root, "path") }, node)).toEqual({ program: onPath, before: [] });
  const beside = writeEmpty(script(join(root, "lib")));
  expect(findNpm({ PATH: join(root, "path") }, node)).toEqual({ program: node, before: [beside] });
  const started = writeEmpty(join(root, "npm-cli.js"));
  expect(findNpm({ npm_execpath: started }, node)).toEqual({ program: node, before: [started] });
  expect(findNpm({ npm_execpath: writeEmpty(join(root, "yarn.js")) }, node)).toEqual({
    program: node,
    before: [beside],
  });
});
