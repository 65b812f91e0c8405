import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const run = promisify(execFile);
const chapters = readdirSync("notebooks").filter((file) => file.endsWith(".ipynb"));

// Servers that run for others are not found in an empty cache folder; with servers: test/systems/book.test.ts.
const withoutServers = { TYPHOON_UP: "off", XDG_CACHE_HOME: mkdtempSync(join(tmpdir(), "typhoon-book-")) };

test.each(chapters)(
  "%s runs headless without type errors, its checks hold, and its page shows a table and a plot without a network",
  async (file) => {
    const { stdout } = await run(
      process.execPath,
      [resolve("kernel/cli/start.mjs"), "--execute", join("notebooks", file)],
      { env: { ...process.env, TYPHOON_TYPECHECK: "block", ...withoutServers } },
    );
    expect(stdout).toMatch(new RegExp(`✓ ${file}: \\d+ cells, [\\d.]+ s, ok`));
    const page = readFileSync(join("out", file.replace(".ipynb", ".html")), "utf8");
    expect(page).toContain("<table");
    expect(page).toMatch(/<img[^>]+src="data:image\/png;base64,/);
  },
);
