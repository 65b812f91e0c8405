import { createHash } from "node:crypto";
import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Seen, type TestKernel, see, startTestKernel } from "./harness.ts";
import { type Registry, startRegistry } from "./npm-registry.ts";

const main = (text: string): Record<string, string> => ({ "index.js": `module.exports = ${text}\n` });

let registry: Registry;
let kernel: TestKernel;
let cache: string;

beforeAll(async () => {
  registry = await startRegistry({
    typed: { "1.0.0": { fields: { types: "index.d.ts" }, files: { ...main("'typed'"), "index.d.ts": "" } } },
    untyped: { "2.3.0": { files: main("'untyped'") } },
    "@types/untyped": { "1.0.0": {}, "2.1.0": {}, "3.0.0": {} },
    bare: { "1.0.0": { files: main("'bare'") } },
    "@scope/deep": { "0.1.0": { files: main("'deep'") } },
    "@types/scope__deep": { "0.1.4": {} },
    "simple-math": { "1.0.0": { files: main("7") } },
    two: {
      "1.0.0": { fields: { dependencies: { inner: "1" } }, files: main("1 + require('inner')") },
      "2.0.0": { fields: { dependencies: { inner: "1" } }, files: main("2") },
    },
    inner: { "1.0.0": { files: main("10") }, "2.0.0": { files: main("20") } },
    slow: { "1.0.0": { files: main(JSON.stringify("x".repeat(100_000))) } },
    "danfojs-node": {
      "1.2.0": {
        fields: { dependencies: { xlsx: "https://127.0.0.1:1/xlsx.tgz", "@tensorflow/tfjs-node": "3" } },
        files: main("[require('xlsx'), require('@tensorflow/tfjs-node')]"),
      },
    },
    xlsx: { "0.18.5": { files: main("'sheets'") } },
    "@tensorflow/tfjs": { "4.22.0": { files: main("'tensors'") } },
  });
  cache = mkdtempSync(join(tmpdir(), "typhoon-npm-cache-"));
});
afterAll(async () => {
  await registry[Symbol.asyncDispose]();
  rmSync(cache, { recursive: true });
});
beforeEach(async () => {
  registry.release();
  kernel = await startTestKernel({
    env: { npm_config_registry: registry.url, npm_config_cache: cache, TYPHOON_PLAIN: "1" },
  });
  rmSync(join(kernel.folder, "history.sqlite"), { force: true });
});
afterEach(() => kernel.shutdown());

function readPackage(folder = kernel.folder): Record<string, unknown> {
  return JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Record<string, unknown>;
}

/** Every file of the notebook's folder with a sum of its content. */
function contentOf(folder: string): Record<string, string> {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return Object.fromEntries(
    entries
      .filter((entry) => !entry.name.startsWith("history."))
      .map((entry) => {
        const path = join(entry.parentPath, entry.name);
        const content = entry.isFile() ? createHash("md5").update(readFileSync(path)).digest("hex") : "";
        return [path, content];
      }),
  );
}

describe("%npm add", () => {
  test("installs with one progress bar, and the next cell imports", async () => {
    const { displays, stdout, published } = await kernel.run("%npm add typed @scope/deep");
    expect(displays.map((data) => data["text/plain"])).toEqual([expect.stringContaining("npm add typed @scope/deep")]);
    const of = (type: string): unknown[] =>
      published.filter(({ header }) => header.msg_type === type).map(({ content }) => content["transient"]);
    expect(new Set(of("update_display_data").map((id) => JSON.stringify(id)))).toEqual(
      new Set(of("display_data").map((id) => JSON.stringify(id))),
    );
    const last = published.findLast(({ header }) => header.msg_type === "update_display_data")?.content["data"];
    expect(last).toMatchObject({ "text/plain": expect.stringMatching(/100 % · 3 packages/) });
    expect(stdout).toContain("added 2 packages");
    const { result } = await kernel.run(`import deep from "@scope/deep"; import typed from "typed"; [typed, deep]`);
    expect(result).toBe("[ 'typed', 'deep' ]");
  });

  test("comes before the imports below it in its cell, also for their types", async () => {
    await kernel.run("%typecheck block");
    const code = `import fs from "node:fs"\n%npm add typed@1\nconsole.log("then")\n%npm add @scope/deep\nimport typed from "typed"\n// both\nimport deep from "@scope/deep"`;
    const { result, error } = await kernel.run(`${code}\n;[typed, deep, typeof fs.existsSync]`);
    expect(error).toBeUndefined();
    expect(result).toBe("[ 'typed', 'deep', 'function' ]");
    const refused = await kernel.run(`%npm add typed\nimport bare from "bare"`);
    expect(refused.error).toContain("1 type error; the cell did not run");
  });

  test("adds types from DefinitelyTyped where a package has none, and says where there are none", async () => {
    const { stdout } = await kernel.run("%npm add typed untyped bare @scope/deep");
    expect(stdout.split("\n").slice(1, 5).toSorted()).toEqual([
      "@scope/deep 0.1.0, with the types of @types/scope__deep@^0.1.4",
      "bare 1.0.0, without types: there is no @types/bare, so its values are `any`",
      "typed 1.0.0",
      "untyped 2.3.0, with the types of @types/untyped@^2.1.0",
    ]);
    expect(readPackage()).toMatchObject({
      dependencies: { typed: "^1.0.0", untyped: "^2.3.0", bare: "^1.0.0", "@scope/deep": "^0.1.0" },
      devDependencies: { "@types/untyped": "^2.1.0", "@types/scope__deep": "^0.1.4" },
    });
  });

  test("overrides what a package asks for in vain", async () => {
    const { stdout } = await kernel.run("%npm add danfojs-node");
    expect(stdout).toContain(
      "package.json overrides what danfojs-node asks for: xlsx → 0.18.5, @tensorflow/tfjs-node → npm:@tensorflow/tfjs@4.22.0",
    );
    const { result } = await kernel.run(`require("danfojs-node")`);
    expect(result).toBe("[ 'sheets', 'tensors' ]");
  });

  const failures = [
    [
      "simple-meth",
      "PackageError: %npm: there is no package simple-meth in the registry. Did you mean `%npm add simple-math`?",
    ],
    ["typed@9", "PackageError: %npm: typed has no version 9; the newest is 1.0.0: `%npm add typed`"],
    [
      "zzqqzz",
      "PackageError: %npm: there is no package zzqqzz in the registry. Look for its name on https://www.npmjs.com",
    ],
    ["fs", 'UsageError: %npm: fs is a part of Node, there is nothing to install: `import * as fs from "node:fs"`'],
  ] as const;
  test("that fails says what to do, and leaves the folder as it was", async () => {
    for (const [name, expected] of failures) {
      const { error } = await kernel.run(`%npm add ${name}`);
      expect(error).toBe(expected);
      expect(contentOf(kernel.folder)).toEqual({});
    }
    const { error } = await kernel.run("%npm add typed@1 --registry http://127.0.0.1:9 --fetch-retries 0");
    expect(error).toContain("PackageError: %npm: cannot reach http://127.0.0.1:9: check the network, or the proxy");
    expect(contentOf(kernel.folder)).toEqual({});
  });
});

/** Runs an installation that does not end by itself, interrupts it, and returns what was seen and how long it took then. */
async function interruptStalled(code: string): Promise<Seen & { readonly ms: number }> {
  const stalls = registry.stall("slow");
  const running = kernel.request("execute_request", { code, allow_stdin: false });
  await stalls;
  const start = performance.now();
  await kernel.request("interrupt_request", {}, { channel: "control" });
  const seen = see(await running);
  return { ...seen, ms: performance.now() - start };
}

/** The next change waits until what was unpacked is removed; this one fails and changes nothing. */
async function untilUndone(): Promise<void> {
  expect((await kernel.run("%npm add typed@9")).error).toContain("typed has no version 9");
}

describe("an interrupted %npm", () => {
  test("leaves no trace in an empty folder", async () => {
    const { reply, ms } = await interruptStalled("%npm add typed slow");
    expect(reply.status).toBe("error");
    expect(ms).toBeLessThan(1500);
    await untilUndone();
    expect(contentOf(kernel.folder)).toEqual({});
  });

  test("brings back what was being replaced", async () => {
    await kernel.run("%npm add two@1 inner@2 untyped");
    const before = contentOf(kernel.folder);
    const { reply } = await interruptStalled("%npm add two@2 slow @scope/deep");
    expect(reply.status).toBe("error");
    await untilUndone();
    const { result } = await kernel.run(`[require("two"), require("inner")]`);
    expect(result).toBe("[ 11, 20 ]");
    registry.release();
    expect((await kernel.run("%npm ls two")).stdout).toContain("two@1.0.0");
    expect(contentOf(kernel.folder)).toEqual(before);
    const { stdout } = await kernel.run("%npm add two@2 slow");
    expect(stdout).toContain("two 2.0.0");
  });
});

describe("%npm init", () => {
  test("writes what the notebooks and this session import, so that another copy has the same", async () => {
    const cells = ["%%sql\nimport x from 'nowhere'", `import typed from "typed"\nimport "tslab"; import fs from "fs"`];
    const notebook = {
      cells: cells.map((source) => ({ cell_type: "code", source })),
    };
    writeFileSync(join(kernel.folder, "report.ipynb"), JSON.stringify(notebook));
    writeFileSync(join(kernel.folder, "lib.ts"), `export * from "@scope/deep/index.js"; import "./other.ts"`);
    await kernel.run("%npm add untyped --no-save");
    await kernel.run(`const untyped = await import("untyped"); require("missing")`);
    const { stdout, error } = await kernel.run("%npm init");
    expect(error).toBeUndefined();
    expect(stdout).toContain("  untyped ^2.3.0\n");
    expect(readPackage()).toMatchObject({
      private: true,
      type: "module",
      engines: { node: ">=24" },
      dependencies: { "@scope/deep": expect.any(String), typed: expect.any(String), untyped: "^2.3.0" },
    });
    expect(Object.keys(readPackage()["dependencies"] as object)).not.toContain("missing");
    const copy = mkdtempSync(join(tmpdir(), "typhoon-npm-copy-"));
    for (const file of ["package.json", "package-lock.json", "report.ipynb"])
      cpSync(join(kernel.folder, file), join(copy, file));
    await kernel.run(`%sh cd ${copy} && npm ci`);
    expect(readdirSync(join(copy, "node_modules")).toSorted()).toEqual([
      ".package-lock.json",
      "@scope",
      "typed",
      "untyped",
    ]);
    rmSync(copy, { recursive: true });
  });

  test("names the notebook that imports what cannot be had", async () => {
    writeFileSync(
      join(kernel.folder, "report.ipynb"),
      `{"cells":[{"cell_type":"code","source":["import 'simple-meth'"]}]}`,
    );
    const { error } = await kernel.run("%npm init");
    expect(error).toBe(
      "PackageError: %npm: report.ipynb imports simple-meth, and there is no such package in the registry. Did you mean simple-math?",
    );
    expect(readdirSync(kernel.folder).filter((file) => !file.startsWith("history"))).toEqual(["report.ipynb"]);
  });

  test("keeps what package.json says already", async () => {
    await kernel.run("1");
    writeFileSync(join(kernel.folder, "package.json"), `{"name":"mine","license":"MIT","engines":{"node":">=22"}}`);
    await kernel.run("%npm init");
    expect(readPackage()).toMatchObject({ name: "mine", license: "MIT", engines: { node: ">=22" } });
  });
});
