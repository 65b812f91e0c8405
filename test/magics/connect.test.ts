import { chmodSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test, vi } from "vitest";
import { connectMagic } from "../../magics/connect.ts";
import { listConnections, removeConnection, usedNames } from "../../magics/connections/registry.ts";
import { setMagicContext } from "../../magics/plain-context.ts";
import { type Setting, type TestNotebook, createNotebook, lineCall, template } from "./context.ts";
import { testMagic } from "./contract.ts";

testMagic(connectMagic, { wrong: ["--no-such-option", "--as x", "a b"], short: lineCall("duckdb: --as contract") });

const folder = mkdtempSync(join(tmpdir(), "typhoon-connect-"));
const config = mkdtempSync(join(tmpdir(), "typhoon-config-"));
vi.stubEnv("XDG_CONFIG_HOME", config);
// Servers that run on this machine are connections too. Root looks elsewhere where others cannot enter.
chmodSync(config, 0o755);
vi.stubEnv("XDG_CACHE_HOME", config);
vi.stubEnv("XDG_CACHE_HOME", "/nowhere"); // no servers of the person's own
vi.stubEnv("DATABASE_URL", undefined);

function open(setting: Setting = {}): TestNotebook {
  const notebook = createNotebook({ folder, ...setting });
  setMagicContext(() => notebook.context);
  return notebook;
}

const run = (notebook: TestNotebook, line: string, assigned = false): Promise<unknown> =>
  connectMagic.run(lineCall(line, { assigned }), notebook.context);

const file = (text: string): void => writeFileSync(join(folder, "connections.toml"), text, { mode: 0o600 });

afterEach(async () => {
  for (const name of usedNames()) await removeConnection(name);
  file("");
  vi.stubEnv("DATABASE_URL", undefined);
});

describe("%connect URL", () => {
  test("asks the system at once, and names the connection after its file", async () => {
    const notebook = open();
    await run(notebook, "duckdb:cars.duckdb");
    expect(notebook.printed()).toMatch(/^DuckDB v[\d.]+ at duckdb:cars.duckdb, connection "cars"\n$/);
    expect(await listConnections()).toMatchObject([{ name: "cars", source: "%connect", state: "open" }]);
  });

  test("gives the handle where it is assigned, and shows nothing", async () => {
    const notebook = open();
    const handle = (await run(notebook, "duckdb: --as mine", true)) as { name: string };
    expect(handle.name).toBe("mine");
    expect(notebook.printed()).toBe("");
  });

  test("keeps no connection that failed, and the one of that name as it was", async () => {
    const notebook = open();
    await run(notebook, "duckdb:kept.duckdb --as it");
    await expect(run(notebook, "duckdb:no/such/folder/x.duckdb --as it")).rejects.toThrow(
      /^%connect: no connection to duckdb:no\/such\/folder\/x.duckdb: /,
    );
    expect(await listConnections()).toMatchObject([{ name: "it", target: { where: "duckdb:kept.duckdb" } }]);
  });

  test.each([
    ["nope://h", "nothing connects to nope: URLs"],
    ["postgres://u:s3cret/x@h/db", "a / or ? before the @ is written as %2F"],
    ["duckdb: --as 1x", 'begins with a letter, not "1x"'],
    ["duckdb: --as duckdb", "the notebook's own database: give another name by --as"],
    ["duckdb: --ask", "name a file, which has no user and password"],
  ])("says what is wrong with %s", async (line, message) => {
    const failure = run(open({ answers: ["x"] }), line);
    await expect(failure).rejects.toMatchObject({ name: "UsageError", message: expect.stringContaining(message) });
    expect(usedNames()).toEqual([]);
  });

  test("where nobody can be asked for the password, it says what to write where", async () => {
    const notebook = open();
    const noAnswer = Object.assign(new Error("no"), { name: "StdinNotAllowed" });
    const context = { ...notebook.context, input: () => Promise.reject(noAnswer) };
    const failure = connectMagic.run(lineCall("postgresql://app@db.example/shop --ask"), context);
    await expect(failure).rejects.toThrow(
      `Write into ${folder}/connections.toml\n\n[shop]\nurl = "postgresql://app@db.example/shop"\n` +
        `password = "\${env:SHOP_PASSWORD}"\n\nset that environment variable, and connect by \`%connect shop\``,
    );
  });
});

describe("connections.toml", () => {
  test("has connections that need no %connect, and is read anew when it has changed", async () => {
    file(`[one]\nurl = "duckdb:one.duckdb"\n`);
    const notebook = open();
    await run(notebook, "one");
    file(`[one]\nurl = "duckdb:two.duckdb"\n\n[other]\nurl = "duckdb:"\n`);
    await run(notebook, "one");
    expect(notebook.printed().split("\n")).toEqual([
      expect.stringContaining("at duckdb:one.duckdb"),
      expect.stringContaining("at duckdb:two.duckdb"),
      "",
    ]);
    expect(await listConnections()).toMatchObject([
      { name: "one", source: "connections.toml", state: "open" },
      { name: "other", state: "idle" },
    ]);
    file("");
    await expect(run(notebook, "one")).rejects.toThrow('there is no connection "one"');
  });

  test.each([
    [`[a]\nurl = "duckdb:\n`, /connections\.toml:2:\d+: /],
    [`x = 1\n[a]\nport = 1`, /connections\.toml:2: \[a\] needs a url/],
    [`[a]\nurl = "redis://h"\npasword = "s3cret"`, /connections\.toml:3: there is no pasword. Did you mean password\?/],
    [`[a]\nurl = "redis://h"\npassword = ["s3cret"]`, /connections\.toml:3: password is a text/],
    [`[a]\nurl = "redis://h"\npassword = "\${env:NOT_THERE}"`, /connections\.toml:1: .* NOT_THERE is not set/],
    [`[a]\nurl = "redis://h"\npassword = "\${file:not-there}"`, /connections\.toml:1: .*not-there is not there/],
    [
      `[a]\nurl = "redis://h"\npassword = "\${vault:x}"`,
      /connections\.toml:1: \$\{vault:x\} is none of \$\{env:NAME\}/,
    ],
    [`[a]\nurl = "nope://u:s3cret@h"`, /connections\.toml:1: nothing connects to nope:/],
    [`a = 5`, /connections\.toml:1: a connection is a table of its own: \[a\]/],
  ])("with %j is told with its line and without secrets", async (text, message) => {
    file(text);
    const failure = await run(open(), "a").catch((error: Error) => error);
    expect(failure).toMatchObject({ name: "UsageError", message: expect.stringMatching(message) });
    expect(String(failure)).not.toContain("s3cret");
  });

  test("a fault of one connection leaves the others usable, and is in the list", async () => {
    file(`[bad]\nurl = 5\n[good]\nurl = "duckdb:"`);
    const notebook = open();
    await run(notebook, "good");
    expect(await run(notebook, "", true)).toEqual([
      expect.objectContaining({ name: "bad", state: expect.stringContaining("a connection is a URL") }),
      expect.objectContaining({ name: "good", system: "DuckDB", where: "duckdb:", state: "open" }),
    ]);
  });

  test("others that can read a password in it are told of, once it is used", async () => {
    file(`[a]\nurl = "duckdb:"\npassword_file = "x"\nmotherduck_token = "s3cret"`);
    chmodSync(join(folder, "connections.toml"), 0o644);
    const notebook = open();
    await run(notebook, "");
    expect(notebook.printed("stderr")).toContain(`Write \`chmod 600 ${folder}/connections.toml\``);
  });
});

test('DATABASE_URL is the connection "database"; what %connect made comes first, then the file', async () => {
  vi.stubEnv("DATABASE_URL", "duckdb:of-environment.duckdb");
  const notebook = open();
  await run(notebook, "database");
  file(`[database]\nurl = "duckdb:of-file.duckdb"`);
  await run(notebook, "database");
  await run(notebook, "duckdb:of-cell.duckdb --as database");
  await run(notebook, "database");
  expect(notebook.printed().match(/of-\w+/g)).toEqual(["of-environment", "of-file", "of-cell", "of-cell"]);
});

test("an unknown name is told with the nearest, or all, and what to write", async () => {
  file(`[shop]\nurl = "duckdb:"`);
  await expect(run(open(), "shp")).rejects.toThrow(
    `there is no connection "shp". Did you mean shop? Write \`%connect URL --as shp\`, or [shp] with its url into ${config}/typhoon/connections.toml`,
  );
  await expect(run(open(), "other")).rejects.toThrow("There are shop.");
  await expect(run(open(), "postgres")).rejects.toThrow("`%up postgres` starts a server here. Write `%connect URL");
});

test("a URL from a variable stays one word", async () => {
  const notebook = open();
  const url = "duckdb:with space.duckdb";
  await connectMagic.run({ ...lineCall(template`${url} --as x`) }, notebook.context);
  expect(notebook.printed()).toContain("at duckdb:with space.duckdb");
});
