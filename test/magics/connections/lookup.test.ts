import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { findDefined, listDefined } from "../../../magics/connections/lookup.ts";
import { setMagicContext } from "../../../magics/plain-context.ts";
import { createNotebook } from "../context.ts";

vi.stubEnv("XDG_CACHE_HOME", "/nowhere"); // no servers of the person's own
vi.stubEnv("DATABASE_URL", undefined);

test("what is written down is read from the folder that is asked for, and its paths begin at its file", async () => {
  const [here, there, config] = ["here", "there", "config"].map((name) =>
    mkdtempSync(join(tmpdir(), `typhoon-${name}-`)),
  );
  vi.stubEnv("XDG_CONFIG_HOME", config);
  mkdirSync(join(config!, "typhoon"));
  const write = (folder: string, text: string): void =>
    writeFileSync(join(folder, "connections.toml"), text, { mode: 0o600 });
  write(here!, `[shop]\nurl = "duckdb:here.duckdb"`);
  write(there!, `[shop]\nurl = "duckdb:there.duckdb"\n[only]\nurl = "duckdb:only.duckdb"`);
  write(join(config!, "typhoon"), `[own]\nurl = "duckdb:own.duckdb"`);
  // Completion asks from another thread, which knows of no cell.
  setMagicContext(() => createNotebook({ folder: here! }).context);
  const defined = await listDefined(there);
  const places = [...defined].map(([name, { folder, url }]) => [name, folder, url()]);
  expect(places).toEqual([
    ["own", join(config!, "typhoon"), "duckdb:own.duckdb"],
    ["shop", there, "duckdb:there.duckdb"],
    ["only", there, "duckdb:only.duckdb"],
  ]);
  expect((await findDefined("shop"))!.url()).toBe("duckdb:here.duckdb");
});
