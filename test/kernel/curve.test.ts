import { expect, test } from "vitest";
import * as zmq from "zeromq";
import { connectKernel } from "../../kernel/cli/client.ts";
import { endpoint } from "../../kernel/protocol/connection-file.ts";
import { type TestKernel, startTestKernel } from "./harness.ts";

const { publicKey, secretKey } = zmq.curveKeyPair();
const encrypted = { curve_publickey: publicKey, curve_secretkey: secretKey };

test("all five channels are encrypted with the connection file's keys", async () => {
  await using kernel = await startTestKernel({ connection: encrypted });
  kernel.onInput(() => "Ada");
  expect((await kernel.run("console.log('out'); await input()", { allow_stdin: true })).result).toBe("'Ada'");
  expect(await kernel.heartbeat()).toBe(true);
  const { reply } = await kernel.request("kernel_info_request", {}, { channel: "control" });
  expect(reply.status).toBe("ok");
});

test("a client that took its keys from elsewhere, or has none, gets nothing on any channel", async () => {
  await using kernel = await startTestKernel({ connection: encrypted });
  const other = zmq.curveKeyPair();
  const wrong = {
    curveServerKey: other.publicKey,
    curvePublicKey: other.publicKey,
    curveSecretKey: other.secretKey,
  };
  for (const keys of [{}, wrong]) {
    await expect(connectsTo(kernel, keys)).resolves.toEqual({ shell: false, control: false, hb: false, iopub: false });
  }
  const right = { ...wrong, curveServerKey: publicKey };
  await expect(connectsTo(kernel, right)).resolves.toEqual({ shell: true, control: true, hb: true, iopub: true });
});

test("a second client with the keys sees what the first one runs", async () => {
  await using kernel = await startTestKernel({ connection: encrypted });
  const second = await connectKernel(kernel.connection);
  const printed = new Promise((done) =>
    second.onPublished(({ header, content }) => header.msg_type === "stream" && done(content["text"])),
  );
  await kernel.run("console.log('for both')");
  expect(await printed).toBe("for both\n");
  second.close();
});

/** Whether ZeroMQ's handshake succeeds on each channel. */
async function connectsTo(kernel: TestKernel, keys: object): Promise<Record<string, boolean>> {
  const channels = { shell: zmq.Dealer, control: zmq.Dealer, hb: zmq.Request, iopub: zmq.Subscriber } as const;
  const outcomes = Object.entries(channels).map(async ([name, Socket]) => {
    const socket = new Socket({ linger: 0, ...keys });
    const succeeded = handshake(socket);
    socket.connect(endpoint(kernel.connection, name as keyof typeof channels));
    const outcome = await succeeded;
    socket.close();
    return [name, outcome] as const;
  });
  return Object.fromEntries(await Promise.all(outcomes));
}

async function handshake(socket: zmq.Socket): Promise<boolean> {
  for await (const event of socket.events) {
    if (event.type === "handshake") return true;
    // A server with Curve hangs up on who does not speak it or has another key for it.
    if (event.type.startsWith("handshake:error") || event.type === "disconnect") return false;
  }
  return false;
}
