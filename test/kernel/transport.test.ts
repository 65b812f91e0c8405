import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, writeFileSync } from "node:fs";
import { networkInterfaces, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { text } from "node:stream/consumers";
import { describe, expect, test } from "vitest";
import { startTestKernel } from "./harness.ts";

const hasIPv6 = Object.values(networkInterfaces()).some((addresses) =>
  addresses?.some(({ address }) => address === "::1"),
);

describe("a kernel serves all its channels", () => {
  const cases: [string, Record<string, unknown>][] = [
    ["over the name localhost", { ip: "localhost" }],
    ["without signatures where the key is empty", { key: "" }],
    ["with the signatures of another HMAC", { signature_scheme: "hmac-sha512" }],
  ];
  if (hasIPv6) cases.push(["over IPv6", { ip: "::1" }]);
  if (process.platform !== "win32") {
    cases.push(["over ipc", { transport: "ipc", ip: join(mkdtempSync(join(tmpdir(), "typhoon-ipc-")), "kernel") }]);
  }
  test.for(cases)("%s", async ([, connection]) => {
    await using kernel = await startTestKernel({ connection });
    kernel.onInput(() => "Ada");
    expect((await kernel.run("await input() + 1", { allow_stdin: true })).result).toBe("'Ada1'");
    expect(await kernel.heartbeat()).toBe(true);
    const { reply } = await kernel.request("kernel_info_request", {}, { channel: "control" });
    expect(reply.status).toBe("ok");
  });
});

test.skipIf(process.platform === "win32")("the sockets of ipc are gone after the kernel", async () => {
  const folder = mkdtempSync(join(tmpdir(), "typhoon-ipc-"));
  const kernel = await startTestKernel({ connection: { transport: "ipc", ip: join(folder, "kernel") } });
  expect(readdirSync(folder)).toHaveLength(5);
  await kernel.shutdown();
  expect(readdirSync(folder)).toEqual([]);
});

describe("a kernel that cannot start says why, in one line, and ends", () => {
  const file = { shell_port: 50_001, iopub_port: 50_002, stdin_port: 50_003, control_port: 50_004, hb_port: 50_005 };
  test.for([
    [{ ...file, key: "k", signature_scheme: "hmac-moon" }, /"signature_scheme" must be "hmac-sha256"/],
    [{ ...file, transport: "pigeon" }, /"transport" must be "tcp" or "ipc", not "pigeon"/],
    [{ ...file, shell_port: undefined }, /"shell_port" must be a whole number/],
    [{ ...file, shell_port: 0 }, /"shell_port" must be a whole number from 1 to 65535, not 0/],
    [{ ...file, ip: "192.0.2.1" }, /cannot listen on tcp:\/\/192\.0\.2\.1:\d+: /],
    [{ ...file, ip: "no.such.host.invalid" }, /cannot listen on tcp:\/\/no\.such\.host\.invalid:\d+: /],
    [{ ...file, transport: "ipc", ip: `/tmp/${"long".repeat(40)}` }, /cannot listen on ipc:.*: /],
  ] as const)("%j", async ([fields, message]) => {
    const path = join(mkdtempSync(join(tmpdir(), "typhoon-start-")), "connection.json");
    writeFileSync(path, JSON.stringify(fields));
    const child = spawn(process.execPath, [resolve("kernel/main.ts"), path], { stdio: ["ignore", "ignore", "pipe"] });
    const code = new Promise((done) => child.once("exit", done));
    expect((await text(child.stderr)).trim()).toMatch(
      new RegExp(`^\\[typhoon\\] cannot start: .*${message.source}.*$`),
    );
    expect(await code).toBe(1);
  });
});
