import { execFile } from "node:child_process";
import { cpSync, readFileSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { joinLines, type Notebook } from "../../kernel/cli/notebook.ts";
import { createReader, exportInto } from "../kernel/reader.ts";

const run = promisify(execFile);
const chapters = readdirSync("notebooks").filter((file) => /^04.*\.ipynb$/.test(file));

/** A first run downloads the servers. */
const installMs = 300_000;

test.each(chapters)(
  "%s runs with the servers that it starts: no cell is skipped, and its checks hold",
  { timeout: installMs },
  async (file) => {
    const { stdout } = await run(
      process.execPath,
      [resolve("kernel/cli/start.mjs"), "--execute", join("notebooks", file)],
      { env: { ...process.env, TYPHOON_TYPECHECK: "block", TYPHOON_UP: "on" } },
    );
    expect(stdout).toMatch(new RegExp(`✓ ${file}: \\d+ cells, [\\d.]+ s, ok`));
    expect(readFileSync(join("out", file), "utf8")).not.toContain("is not available here");
  },
);

test.each(chapters)(
  "%s as a module is accepted by plain tsc, starts its servers, and its checks hold",
  { timeout: installMs },
  async (file) => {
    const reader = createReader({ erasableSyntaxOnly: false });
    cpSync("notebooks/data", join(reader.folder, "data"), { recursive: true });
    const { cells } = JSON.parse(readFileSync(join("notebooks", file), "utf8")) as Notebook;
    const sources = cells.map(({ cell_type: type, source, metadata }, at) => ({
      type: type === "code" ? ("code" as const) : ("markdown" as const),
      source: joinLines(source),
      tags: metadata.tags ?? [],
      label: `cell ${at + 1}`,
    }));
    expect(exportInto(reader, "chapter.ts", sources)).toEqual([]);
    expect(await reader.check()).toBe("");
    const module = await reader.run("chapter.ts");
    expect(module).toMatchObject({ code: 0, stderr: expect.not.stringContaining("Error") as string });
    expect(module.stdout).toContain("ready on 127.0.0.1:");
  },
);
