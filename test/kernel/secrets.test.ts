import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type TestKernel, startTestKernel } from "./harness.ts";

// A password with what URLs, JSON, HTML and shells write in other ways.
const secret = `Zw7"q/&<ü'9 x`;
const written = `Zw7\\"q/&<ü'9 x`; // in a literal of JavaScript
const encoded = encodeURIComponent(secret);
const dots = "········";

/** All forms in which it must not be seen; bits of it tell that it was cut. */
const traces = [
  secret,
  encoded,
  JSON.stringify(secret).slice(1, -1),
  `Zw7`,
  `Zw7&`,
  `%3C%C3%BC`,
  `&lt;ü`,
  btoa("ann:sesam-öffne"),
];

let kernel: TestKernel;
beforeAll(async () => {
  kernel = await startTestKernel({
    env: { XDG_CONFIG_HOME: "/nowhere", SHOP_PASSWORD: secret, DATABASE_URL: "postgresql://ann:of-environment@h/db" },
  });
  writeFileSync(
    join(kernel.folder, "connections.toml"),
    `[shop]\nurl = "redis://ann@127.0.0.1:1/"\npassword = "\${env:SHOP_PASSWORD}"\nconnect_timeout = "200ms"\n`,
  );
  await kernel.run(`var before = "${written}"`); // of a cell that ran before anybody knew
  await kernel.run("%connect shop"); // fails, as nobody is there
});
afterAll(() => kernel.shutdown());

/** All that came of a cell, without the code that the client itself sent. */
async function all(code: string, options = {}): Promise<string> {
  const { published, reply } = await kernel.run(code, options);
  return JSON.stringify([published.map(({ content, metadata }) => [content, metadata]), reply]);
}

const pw = "process.env.SHOP_PASSWORD";

describe("a password that a connection has is seen in no message", () => {
  test.for([
    ["a result", pw],
    ["a print", `console.log(${pw}, { at: ${pw} }, [${pw}])`],
    ["stderr", `console.error("is " + ${pw})`],
    ["a URL", `new URL("redis://ann:" + encodeURIComponent(${pw}) + "@h/0")`],
    ["a URL as it is set", `const u = new URL("http://ann@h"); u.password = ${pw}; u.href`],
    ["a query", "new URLSearchParams({ password: process.env.SHOP_PASSWORD }).toString()"],
    ["base64", `btoa(unescape(encodeURIComponent("ann:" + ${pw})))`],
    ["bytes of base64", `Buffer.from(${pw}).toString("base64")`],
    ["JSON in JSON", `JSON.stringify(JSON.stringify({ p: ${pw} }))`],
    ["HTML", `display.html\`<b>\${${pw}}</b>\``],
    ["JSON that is shown", `display.raw({ "application/json": { deep: [{ [${pw}]: ${pw} }] } })`],
    ["a table", `var held = process.env.SHOP_PASSWORD; const shown = await sql\`select \${held} as p\`; shown`],
    ["an update", `const handle = display("x"); handle.update(${pw})`],
    ["an error", `throw new Error("no login for " + ${pw}, { cause: ${pw} })`],
    ["an error that is no error", `throw { p: ${pw} }`],
    ["a child process", `%sh echo "$SHOP_PASSWORD" | sed s/x/x/; echo "$SHOP_PASSWORD" >&2`],
    [
      "an inherited stream",
      `(await import("node:child_process")).spawnSync("sh", ["-c", 'echo "$SHOP_PASSWORD"'], { stdio: "inherit" })`,
    ],
    ["a descriptor", `(await import("node:fs")).writeSync(1, ${pw} + "\\n")`],
    ["a timer", `setTimeout(() => console.log(${pw})); await new Promise((done) => setTimeout(done, 50))`],
    [
      "a worker",
      `const { Worker } = await import("node:worker_threads"); await new Promise((done) => new Worker("console.log(process.env.SHOP_PASSWORD)", { eval: true }).on("exit", done))`,
    ],
    ["the list of variables", "var held = process.env.SHOP_PASSWORD\n%whos"],
    ["the environment", "%env SHOP_PASSWORD"],
    ["the history", "%history"],
    ["a payload", `%load connections-copy.txt`],
  ] as const)("%s", async ([, code]) => {
    writeFileSync(join(kernel.folder, "connections-copy.txt"), `password = ${secret}`);
    const seen = await all(code, { user_expressions: { p: pw } });
    expect(seen).toContain(dots);
    for (const trace of traces) expect(seen).not.toContain(trace);
  });

  test("a prompt, while the cell asks", async () => {
    const prompts: string[] = [];
    kernel.onInput((prompt) => {
      prompts.push(prompt);
      return "";
    });
    await kernel.run(`await input(${pw} + "? ")`, { allow_stdin: true });
    expect(prompts).toEqual([`${dots}? `]);
  });

  test("completion, inspection and the debugger's variables", async () => {
    await kernel.run(`var shown = { [${pw}]: 1, url: "redis://:" + ${pw} + "@h" }; var url = shown.url`);
    const complete = await kernel.request("complete_request", { code: "shown.", cursor_pos: 6 });
    const inspect = await kernel.request("inspect_request", { code: "shown", cursor_pos: 5, detail_level: 1 });
    const debug = await kernel.request("debug_request", {
      type: "request",
      seq: 1,
      command: "inspectVariables",
      arguments: {},
    } as never);
    const seen = JSON.stringify([complete.reply, inspect.reply, debug.reply]);
    expect(seen).toContain(dots);
    for (const trace of traces) expect(seen).not.toContain(trace);
  });

  test("the history, and its file", async () => {
    await kernel.run(`var typed = "${written}"; typed`);
    const { reply } = await kernel.request("history_request", {
      hist_access_type: "range",
      session: 0,
      output: true,
      raw: true,
    } as never);
    const files = readdirSync(kernel.folder)
      .filter((name) => name.startsWith("history.sqlite"))
      .map((name) => readFileSync(join(kernel.folder, name), "utf8"));
    const seen = [JSON.stringify(reply), ...files].join("\n");
    expect(seen).toContain(dots);
    for (const trace of traces) expect(seen).not.toContain(trace);
  });

  test("the password of DATABASE_URL, which nobody has used yet", async () => {
    expect(await all("process.env.DATABASE_URL")).toContain(`ann:${dots}@h`);
  });
});

describe("a print that ends within the password", () => {
  const half = `process.stdout.write(${pw}.slice(0, 6)); await new Promise((done) => setTimeout(done, 120));`;
  test("waits for the rest", async () => {
    const { stdout } = await kernel.run(
      `process.stdout.write("is "); ${half} process.stdout.write(${pw}.slice(6) + " it")`,
    );
    expect(stdout).toBe(`is ${dots} it`);
  });

  test("letter by letter", async () => {
    const { stdout } = await kernel.run(
      `for (const letter of ${pw}) { process.stdout.write(letter); await new Promise((done) => setTimeout(done, 60)) }`,
    );
    // Less than a quarter of it may have been shown before it could be known.
    expect(stdout).toMatch(/^.{0,3}········$/);
  });

  test("shows what was none, at the end and before whatever else is shown", async () => {
    const { stdout } = await kernel.run(`process.stdout.write(${pw}.slice(0, 6))`);
    expect(stdout).toBe(secret.slice(0, 6));
    const { published } = await kernel.run(`process.stdout.write("a Zw7"); display("b"); console.log("c")`);
    const order = published.flatMap(({ header, content }) =>
      header.msg_type === "stream" ? [content["text"]] : header.msg_type === "display_data" ? ["display"] : [],
    );
    expect(order).toEqual(["a Zw7", "display", "c\n"]);
  });
});

test("a URL's password is not stored, nor sent to other front ends, also where nobody connects to it", async () => {
  const { published } = await kernel.run(
    `const = "postgresql://ann:other-secret@h/db"; // mysql://ann:\${pw}@h redis://:other'secret@h redis://h?password=other-secret postgresql://ann:p@other-secret#/x@h`,
  );
  const { reply } = await kernel.request("history_request", {
    hist_access_type: "tail",
    n: 1,
    output: false,
    raw: true,
  } as never);
  const seen = JSON.stringify([published.map(({ content }) => content), reply]);
  expect(seen).toContain(`postgresql://ann:${dots}@h/db`);
  expect(seen).toContain("mysql://ann:${pw}@h");
  expect(seen).not.toMatch(/other.secret/);
});

test("short passwords, common words and names are no secrets", async () => {
  for (const word of ["abc", "postgres", "1234", "shop"])
    await kernel.run(`%connect redis://${word === "shop" ? "shop" : "ann"}:${word}@127.0.0.1:1/?connect_timeout=100ms`);
  expect((await kernel.run(`"abc postgres 1234 shop"`)).result).toBe(`'abc postgres 1234 shop'`);
});
