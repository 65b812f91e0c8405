import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { driverUrl } from "../../magics/connections/options.ts";
import { parseTarget, withoutPassword } from "../../magics/connections/target.ts";
import { type CellSource, runProgram, writeNotebook } from "../jupyter/programs.ts";
import { startTestKernel } from "../kernel/harness.ts";
import { findSecrets } from "./secret-search.ts";
import { type TestServer, withServer } from "./servers.ts";

const servers = {
  pg: withServer("postgres"),
  maria: withServer("mysql"),
  cache: withServer("redis"),
  docs: withServer("mongo"),
} as const;

const entries = (): [string, TestServer][] => Object.entries(servers);
const environmentName = (name: string): string => `${name.toUpperCase()}_PASSWORD`;

/** A folder whose connections.toml names the servers, and the environment that has their passwords. */
function prepare(): { folder: string; env: NodeJS.ProcessEnv } {
  const folder = mkdtempSync(join(tmpdir(), "typhoon-secrets-"));
  const tables = entries().map(
    ([name, { url }]) => `[${name}]\nurl = "${withoutPassword(url)}"\npassword = "\${env:${environmentName(name)}}"\n`,
  );
  writeFileSync(join(folder, "connections.toml"), tables.join("\n"), { mode: 0o600 });
  const passwords = entries().map(([name, { password }]) => [environmentName(name), password]);
  return { folder, env: { ...Object.fromEntries(passwords), XDG_CONFIG_HOME: folder } };
}

/** A cell that may fail. */
const failing = (source: string): CellSource => ({ source, tags: ["raises-exception"] });

test("no secret is in a saved notebook, its page, the history and the log", { timeout: 180_000 }, async () => {
  const { folder, env } = prepare();
  const cells = entries().flatMap(([name, { port }]): CellSource[] => {
    const pw = `process.env.${environmentName(name)}`;
    return [
      `%connect ${name}`,
      `const ${name}Password = ${pw};\nconsole.log(${pw}, { url: "x://u:" + ${pw} + "@h" }); console.error(encodeURIComponent(${pw}));\n${pw}`,
      failing(`throw new Error(${pw})`),
      failing(`const { connect } = await import("typhoon-kernel"); await connect("${name}-other")`),
      `process.stdout.write(${pw}.slice(0, 9)); await new Promise((done) => setTimeout(done, 100)); process.stdout.write(${pw}.slice(9))`,
      `%sh echo "$${environmentName(name)}" >&2`,
      // Both a wrong port and a wrong password: the drivers' own errors.
      failing(
        `import { connect as open${name} } from "typhoon-kernel"\nawait open${name}(\`${driverOf(name)}:\${${pw}}@127.0.0.1:${port}/nothing-there\`, { as: "w" })`,
      ),
      failing(`await open${name}(\`${driverOf(name)}:\${${pw}}@127.0.0.1:1/\`, { as: "w" })`),
    ];
  });
  const sql = ["pg", "maria"].flatMap((name): CellSource[] => [
    `%%sql ${name} ${name}Rows <<\nselect :${name}Password as p`,
    `${name}Rows`,
    failing(`%%sql ${name}\nselect * from missing where p = :${name}Password`),
  ]);
  const others: CellSource[] = [
    "%redis --on cache SET p ${cachePassword}",
    "%redis --on cache GET p",
    failing("%redis --on cache HGETALL p"),
    "%redis --on cache CONFIG GET requirepass",
    "%%mongo docs.c\n{ insertOne: { p: docsPassword } }",
    "%%mongo docs.c\n{}",
  ];
  const path = writeNotebook(folder, "all.ipynb", [
    ...cells,
    ...sql,
    ...others,
    "%connect",
    "%whos",
    "%env",
    "%history",
  ]);

  const kernels = join(folder, "share", "jupyter", "kernels", "typhoon");
  mkdirSync(kernels, { recursive: true });
  const argv = [process.execPath, resolve("kernel/main.ts"), "{connection_file}"];
  const spec = { argv, display_name: "Sources", language: "typescript", interrupt_mode: "message" };
  writeFileSync(join(kernels, "kernel.json"), JSON.stringify(spec));
  const history = join(folder, "history.sqlite");
  const ran = await runProgram(
    folder,
    ["jupyter-nbconvert", "--to", "notebook", "--execute", path, "--output", "out.ipynb"],
    {
      env: {
        ...env,
        JUPYTER_PATH: join(folder, "share", "jupyter"),
        JUPYTER_PREFER_ENV_PATH: "0",
        TYPHOON_HISTORY: history,
      },
    },
  );
  expect(ran).toMatchObject({ code: 0 });
  const page = await runProgram(folder, ["jupyter-nbconvert", "--to", "html", join(folder, "out.ipynb")], {});
  expect(page.code).toBe(0);

  const saved = readFileSync(join(folder, "out.ipynb"), "utf8");
  // Each server was asked, and what it said is there.
  for (const [name] of entries()) expect(saved).toContain(`connection \\"${name}\\"`);
  expect(saved.split("········").length).toBeGreaterThan(40);
  expect(readFileSync(history).includes("········")).toBe(true);
  const logins = entries().map(([, { user, password }]) => ({ user, password }));
  const planted = Object.fromEntries(logins.map(({ user, password }) => [user, btoa(`${user}:${password}`)]));
  const found = findSecrets(logins, { folder, texts: planted }).map(({ where }) => where);
  expect(new Set(found)).toEqual(new Set(Object.keys(planted)));
  expect(findSecrets(logins, { folder, texts: { "the log": ran.stderr, "what it printed": ran.stdout } })).toEqual([]);
});

/** The beginning of a server's URL, up to its user. */
function driverOf(name: string): string {
  const url = {
    pg: "postgresql://typhoon",
    maria: "mysql://typhoon",
    cache: "redis://default",
    docs: "mongodb://typhoon",
  };
  return url[name as keyof typeof url];
}

describe("in a cell", () => {
  const pg = (): TestServer => servers.pg;

  test("--ask asks for the password, without showing it", async () => {
    await using kernel = await startTestKernel();
    const prompts: [string, boolean][] = [];
    const answers = ["wrong-password", pg().password];
    kernel.onInput((prompt, password) => {
      prompts.push([prompt, password]);
      return answers.shift() ?? "";
    });
    const url = withoutPassword(pg().url);
    const wrong = await kernel.run(`%connect ${url} --ask --as shop`, { allow_stdin: true });
    expect(wrong.error).toContain("password authentication failed");
    const { error } = await kernel.run("%connect shop");
    expect(error).toContain('there is no connection "shop"');
    const right = await kernel.run(`%connect ${url} --ask --as shop`, { allow_stdin: true });
    expect([right.error, right.stdout]).toEqual([undefined, expect.stringContaining('connection "shop"')]);
    expect(prompts).toEqual(Array.from({ length: 2 }, () => [`Password of ${pg().user}@127.0.0.1: `, true]));
    expect((await kernel.run("%sql shop select 40 + 2 as n")).result).toContain("42");
  });

  test("a password that is typed is offered a place in the file", async () => {
    await using kernel = await startTestKernel({
      env: { XDG_CONFIG_HOME: "/nowhere", PG_URL: withoutPassword(pg().url), PG_PW: pg().password },
    });
    const url = driverUrl(parseTarget("x", pg().url));
    for (const code of [
      `%connect ${url} --as shop`,
      `import { connect } from "typhoon-kernel"\nconst db = await connect("${url}", { as: "shop" })`,
    ]) {
      const { stderr, error, published } = await kernel.run(code);
      expect(error).toBeUndefined();
      expect(stderr).toContain("the password stands in the cell, and so in the notebook's file");
      expect(stderr).toContain("/nowhere/typhoon/connections.toml");
      expect(stderr).toContain(`[shop]\nurl = "${withoutPassword(pg().url)}"\npassword = "\${env:SHOP_PASSWORD}"\n`);
      expect(JSON.stringify(published.map(({ content }) => content))).not.toContain(pg().password);
    }
    const { stderr } = await kernel.run(
      `const url = process.env.PG_URL;\nawait connect(url, { as: "shop", password: process.env.PG_PW })`,
    );
    expect(stderr).toBe("");
  });
});
