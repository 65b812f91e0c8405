import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { test } from "vitest";
import { Dealer, Subscriber } from "zeromq";
import { type Codec, createCodec } from "../../kernel/protocol/message.ts";

const key = "secret";

/** Runs a kernel, and gives sockets that are not connected with the addresses of its own. */
async function withKernel(
  use: (sockets: {
    readonly codec: Codec;
    readonly shell: Dealer;
    readonly iopub: Subscriber;
    readonly addresses: { readonly shell: string; readonly iopub: string };
  }) => Promise<void>,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "typhoon-first-"));
  const ip = join(folder, "kernel");
  const ports = { shell_port: 1, iopub_port: 2, stdin_port: 3, control_port: 4, hb_port: 5 };
  const file = join(folder, "connection.json");
  writeFileSync(file, JSON.stringify({ ...ports, transport: "ipc", ip, key, signature_scheme: "hmac-sha256" }));
  const kernel = spawn(process.execPath, [resolve("kernel/main.ts"), file], {
    env: { ...process.env, TYPHOON_HISTORY: ":memory:" },
    stdio: ["ignore", "inherit", "inherit"],
  });
  const shell = new Dealer({ linger: 0, reconnectInterval: 5 });
  const iopub = new Subscriber({ linger: 0, reconnectInterval: 5 });
  try {
    const addresses = { shell: `ipc://${ip}-1`, iopub: `ipc://${ip}-2` };
    await use({ codec: createCodec(key), shell, iopub, addresses });
  } finally {
    shell.close();
    iopub.close();
    kernel.kill();
    await new Promise((done) => kernel.once("exit", done));
    rmSync(folder, { recursive: true });
  }
}

test.concurrent("a client that reaches iopub after it has sent its first cell gets all of its output", ({ expect }) =>
  withKernel(async ({ codec, shell, iopub, addresses }) => {
    shell.connect(addresses.shell);
    const ask = async (type: "kernel_info_request" | "execute_request", content: object): Promise<string> => {
      const message = codec.message(type, content as never, {});
      await shell.send(codec.encode(message, []));
      return message.header.msg_id;
    };
    await ask("kernel_info_request", {});
    await shell.receive();
    const cell = await ask("execute_request", { code: "console.log('first')" });
    // What a kernel does in this time is a cell many times over.
    for (let turn = 0; turn < 100; turn += 1) {
      await ask("kernel_info_request", {});
      await shell.receive();
    }
    iopub.subscribe();
    iopub.connect(addresses.iopub);
    const seen: string[] = [];
    for await (const frames of iopub) {
      const { header, parent_header: parent, content } = codec.decode(frames);
      if (parent.msg_id !== cell) continue;
      seen.push(header.msg_type === "status" ? String(content["execution_state"]) : header.msg_type);
      if (seen.at(-1) === "idle") break;
    }
    expect(seen).toEqual(["busy", "execute_input", "stream", "idle"]);
  }));

test.concurrent("a client that waits for the kernel to start is welcomed, then told that it starts", ({ expect }) =>
  withKernel(async ({ codec, iopub, addresses }) => {
    iopub.subscribe();
    iopub.connect(addresses.iopub);
    const first = [codec.decode(await iopub.receive()), codec.decode(await iopub.receive())];
    expect(first.map(({ header, content }) => [header.msg_type, content])).toEqual([
      ["iopub_welcome", { subscription: "" }],
      ["status", { execution_state: "starting" }],
    ]);
  }));
