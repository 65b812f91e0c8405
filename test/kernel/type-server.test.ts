import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { seen, startTestKernel } from "./harness.ts";

test("checking a cell installs nothing and writes nothing into the person's home", async () => {
  const home = mkdtempSync(join(tmpdir(), "typhoon-home-"));
  const env = { TYPHOON_TYPECHECK: "warn", HOME: home, USERPROFILE: home, XDG_CACHE_HOME: undefined };
  const kernel = await startTestKernel({ env });
  try {
    for (let cell = 1; cell <= 3; cell += 1) {
      const note = seen(kernel, ({ header, content }) => {
        if (header.msg_type !== "display_data") return false;
        return "application/vnd.typhoon.diagnostics+json" in (content["data"] as object);
      });
      await kernel.run(`import type { Thing } from "lodash"; const wrong${cell}: number = "text"`);
      await note;
    }
    expect(readdirSync(home)).toEqual([]);
  } finally {
    await kernel.shutdown();
    rmSync(home, { recursive: true });
  }
});
