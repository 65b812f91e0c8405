import { execFile } from "node:child_process";
import { readFileSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";

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
