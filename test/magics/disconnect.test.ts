import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { connectMagic } from "../../magics/connect.ts";
import { listConnections } from "../../magics/connections/registry.ts";
import { disconnect } from "../../magics/disconnect.ts";
import { createNotebook, lineCall } from "./context.ts";
import { testMagic } from "./contract.ts";

vi.stubEnv("XDG_CONFIG_HOME", mkdtempSync(join(tmpdir(), "typhoon-config-")));
vi.stubEnv("XDG_CACHE_HOME", "/nowhere"); // no servers of the person's own
vi.stubEnv("DATABASE_URL", undefined);

testMagic(disconnect, { wrong: ["--no-such-option", ""], short: lineCall("--all") });

test("%disconnect closes and forgets a connection, or all", async () => {
  const notebook = createNotebook();
  for (const name of ["a", "b", "c"])
    await connectMagic.run(lineCall(`duckdb: --as ${name}`), createNotebook().context);
  await disconnect.run(lineCall("a"), notebook.context);
  expect((await listConnections()).map(({ name }) => name)).toEqual(["b", "c"]);
  await disconnect.run(lineCall("--all"), notebook.context);
  expect(await listConnections()).toEqual([]);
  await disconnect.run(lineCall("--all"), notebook.context);
  expect(notebook.printed()).toBe('"a" is closed\n"b" is closed\n"c" is closed\nNothing is connected.\n');
  await expect(disconnect.run(lineCall("a"), notebook.context)).rejects.toThrow('there is no connection "a"');
});
