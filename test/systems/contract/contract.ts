import { mkdtempSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Seen, type TestKernel, see, seen, startTestKernel } from "../../kernel/harness.ts";
import { type TestServer, withServer } from "../servers.ts";
import { type Capability, testCapability } from "./engines.ts";
import type { System } from "./system.ts";

/** From the interrupt to the reply. */
const promptMs = 1000;
const hostileFile = resolve("test/systems/hostile-values.ts");

/** Holds a system to what every system promises, through a kernel, with a real server. */
export function testSystem(system: System): void {
  describe(system.title, () => {
    const server = system.recipe === undefined ? undefined : withServer(system.recipe);
    let kernel: TestKernel;
    const folder = mkdtempSync(join(tmpdir(), "typhoon-contract-"));
    const check = (capability: Capability, name: string, run: () => Promise<void>): void =>
      testCapability(system.title, capability, name, run);
    const url = (): string => server?.url ?? system.fileUrl!(folder);

    beforeAll(async () => {
      const closedPort = await unusedPort();
      const lines = [line("main", url()), line("other", url())];
      if (server) {
        lines.push(line("bad", withPassword(url(), "wrong-secret-word")));
        lines.push(line("closed", withHost(url(), `127.0.0.1:${closedPort}`)));
        lines.push(line("nowhere", withHost(url(), "nowhere.invalid")));
        if (system.hasTls) lines.push(line("plain", `${url()}${url().includes("?") ? "&" : "?"}tls=verify`));
      }
      writeFileSync(join(folder, "connections.toml"), `${lines.join("\n")}\n`, { mode: 0o600 });
      kernel = await startTestKernel({ folder });
      await ok(system.setup);
    });
    afterAll(() => kernel.shutdown());

    async function ok(code: string): Promise<Seen> {
      const found = await kernel.run(code);
      expect(found.error).toBeUndefined();
      return found;
    }

    async function failed(code: string): Promise<string> {
      const found = await kernel.run(code);
      expect(found.reply.status).toBe("error");
      expectNoSecret(found, server);
      return found.traceback;
    }

    test("connects, lists the connection without its password, and answers", async () => {
      expect((await ok("%connect main")).error).toBeUndefined();
      const { displays } = await ok("%connect");
      const result = String(displays[0]?.["text/plain"]);
      expect(result).toContain("main");
      if (server) expect(result).not.toContain(server.password);
      expect((await ok('await echo("a")')).result).toBe("'a'");
    });

    check("values", "200 hostile values go in and come out unchanged", async () => {
      const refused = system.refuses?.text.toString() ?? "() => false";
      const { result } = await ok(`
import { hostileValues } from ${JSON.stringify(hostileFile)};
const refused = ${refused};
const changed: string[] = [];
for (const { name, value } of hostileValues) {
  const expected = typeof value === "string" ? value : Buffer.from(value).toString("base64");
  try {
    const back = await echo(value);
    const text = typeof back === "string" ? back : Buffer.from(back as Uint8Array).toString("base64");
    if (text !== expected || (typeof value === "string" && refused(value))) changed.push(name);
  } catch (error) {
    const { message } = error as Error;
    if (typeof value !== "string" || !refused(value) || !message.includes(${JSON.stringify(system.refuses?.says ?? "")}))
      changed.push(\`\${name}: \${message}\`.slice(0, 200));
  }
}
[hostileValues.length, changed.length, ...changed].join("\\n")`);
      expect(result).toBe("'200\\n0'");
    });

    check("types", "values of every kind come and go exactly", async () => {
      const found = await ok(`console.log(await (async () => {\n${system.types.cell}\n})())`);
      expect(found.stdout.trimEnd()).toBe(system.types.result);
    });

    const { stream } = system;
    if (stream)
      check("stream", "streams record batches, and can be left early", async () => {
        const { rows, before = "", batches } = stream;
        const every = `let [rows, sum, batchCount] = [0, 0, 0];
for await (const batch of ${batches}) {
  batchCount += 1;
  rows += batch.numRows;
  for (const i of batch.getChild("i")!) sum += Number(i);
}
[rows, sum, batchCount > 1].join(" ")`;
        await ok(before);
        expect((await ok(every)).result).toBe(`'${rows} ${(rows * (rows - 1)) / 2} true'`);
        await ok(before);
        const first = `let seenRows = 0;
for await (const batch of ${batches}) { seenRows += batch.numRows; break; }
seenRows < ${rows}`;
        expect((await ok(first)).result).toBe("true");
        expect((await ok('await echo("after")')).result).toBe("'after'");
      });

    check("cancel", "an interrupt ends a query within a second, in the server too", async () => {
      expect(await interrupted(kernel, system)).toMatch(/^Interrupted/);
      expect((await ok('await echo("after")')).result).toBe("'after'");
    });

    check("place", "errors tell their place", async () => {
      expect(await failed(system.wrong.cell)).toMatch(system.wrong.says);
    });

    const { transaction } = system;
    if (transaction)
      check("transaction", "a transaction is committed, or rolled back at an error and at an interrupt", async () => {
        const { begin, add, endless } = transaction;
        await ok(begin(add));
        expect((await ok("await count()")).result).toBe("1");
        expect(await failed(begin(`${add} throw new RangeError("no");`))).toContain("RangeError: no");
        expect((await ok("await count()")).result).toBe("1");
        if (endless === undefined) return;
        expect(await interrupted(kernel, { ...system, endless: begin(`${add} ${endless}`) })).toMatch(/^Interrupted/);
        expect((await ok("await count()")).result).toBe("1");
      });

    // What runs within the kernel has no host, no password and no restart.
    if (server)
      describe("a server", () => {
        check(
          "login",
          "that refuses the password, is not there or cannot be found is told with what to do",
          async () => {
            expect(await failed(system.use("bad"))).toMatch(system.says.badPassword);
            const closed = await failed(system.use("closed"));
            expect(closed).toMatch(/127\.0\.0\.1:\d+/);
            expect(closed).toMatch(/is the server running|nothing listens|refused/i);
            expect(await failed(system.use("nowhere"))).toMatch(/nowhere\.invalid/);
          },
        );

        if (system.hasTls)
          check("tls", "without TLS, where TLS is asked for, is refused", async () => {
            expect(await failed(system.use("plain"))).toMatch(/TLS|encrypt/);
          });

        if (system.kill)
          check(
            "dropped",
            "that ends the session in the midst of a query: the error says so, the next cell connects anew",
            async () => {
              const busy = seen(kernel, ({ header }) => header.msg_type === "execute_input");
              const running = kernel.run(system.endless);
              await busy;
              await comesTrue(kernel, system);
              await kill(kernel, system.kill!);
              const { traceback } = await running;
              expect(traceback).toMatch(/connection|terminat/i);
              expect((await ok('await echo("after")')).result).toBe("'after'");
            },
          );

        check("restart", "that was restarted is connected to anew", async () => {
          await ok('await echo("before")');
          await server.restart();
          expect((await ok('await echo("after")')).result).toBe("'after'");
        });
      });

    test("the password is nowhere in the history", async () => {
      const files = readdirSync(folder).filter((file) => file.startsWith("history.sqlite"));
      const stored = files.map((file) => readFileSync(join(folder, file), "latin1")).join("");
      expect(stored).toContain("echo");
      if (server) expect(stored).not.toContain(server.password);
    });
  });
}

/** Runs the endless cell, interrupts it once it runs in the server, and returns its error. */
async function interrupted(kernel: TestKernel, system: System): Promise<string | undefined> {
  const busy = seen(kernel, ({ header }) => header.msg_type === "execute_input");
  const cell = kernel.run(system.endless);
  await busy;
  await comesTrue(kernel, system);
  const start = performance.now();
  await kernel.request("interrupt_request", {}, { channel: "control" });
  const { error } = await cell;
  expect(performance.now() - start).toBeLessThan(promptMs);
  // The server has been told; that it has ended the query as well, only asking it shows.
  while ((await kernel.run(system.running)).result !== "0") expect(performance.now() - start).toBeLessThan(promptMs);
  return error;
}

/** Resolves once the endless cell runs in the server; no event tells of that, so a subshell asks. */
async function comesTrue(kernel: TestKernel, { recipe, running }: System): Promise<void> {
  if (recipe === undefined) return; // nothing to ask
  for (;;) if ((await inSubshell(kernel, running)).result !== "0") return;
}

async function kill(kernel: TestKernel, cell: string): Promise<void> {
  expect((await inSubshell(kernel, cell)).error).toBeUndefined();
}

async function inSubshell(kernel: TestKernel, code: string): Promise<Seen> {
  const control = { channel: "control" } as const;
  const { reply } = await kernel.request("create_subshell_request", {}, control);
  const { subshell_id: subshell } = reply;
  try {
    return see(await kernel.request("execute_request", { code, allow_stdin: false }, { subshell }));
  } finally {
    await kernel.request("delete_subshell_request", { subshell_id: subshell }, control);
  }
}

function expectNoSecret({ published }: Seen, server: TestServer | undefined): void {
  const text = JSON.stringify(published.map(({ content }) => content));
  for (const secret of [server?.password, "wrong-secret-word"]) if (secret) expect(text).not.toContain(secret);
}

function line(name: string, url: string): string {
  return `[${name}]\nurl = ${JSON.stringify(url)}`;
}

function withPassword(url: string, password: string): string {
  return url.replace(/:[^:/@]+@/, `:${password}@`);
}

function withHost(url: string, host: string): string {
  return url.replace(/@[^/?]+/, `@${host}`);
}

/** A port on which nothing listens. */
async function unusedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address() as AddressInfo;
  await new Promise((done) => server.close(done));
  return port;
}
