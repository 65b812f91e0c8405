import { afterAll, beforeAll, expect, test } from "vitest";
import type { Received } from "../../kernel/cli/client.ts";
import { type TestKernel, startTestKernel } from "./harness.ts";

const large = 50 * 1024 * 1024;

let kernel: TestKernel;
beforeAll(async () => {
  kernel = await startTestKernel();
});
afterAll(() => kernel.shutdown());

test("a cell of 50 MB, and a reply", async () => {
  const code = `const long = "${"x".repeat(large)}"; long.length`;
  expect((await kernel.run(code)).result).toBe(String(large));
  // The history's reply has it again.
  const { reply } = await kernel.request("history_request", { hist_access_type: "tail", n: 1 });
  expect(reply.history[0]?.[2]).toBe(code);
});

test("a display of 50 MB", async () => {
  const { displays } = await kernel.run(`display.raw({ "text/plain": "é".repeat(${large / 2}) })`);
  expect(displays).toHaveLength(1);
  expect(Buffer.byteLength(String(displays[0]?.["text/plain"]))).toBe(large);
});

test("50 MB of bytes to a comm and back, unchanged", async () => {
  const { reply } = await kernel.run(`
    import { comm } from "typhoon-kernel";
    comm.registerTarget("echo", (opened) => {
      opened.onMessage(({ data, buffers }) => opened.send({ was: data }, { buffers }));
    });
  `);
  expect(reply.status).toBe("ok");
  const bytes = Buffer.alloc(large, "what comes here comes back");
  await kernel.tell("comm_open", { comm_id: "c", target_name: "echo", data: {} });
  const published = await kernel.tell(
    "comm_msg",
    { comm_id: "c", data: { n: 1 } },
    { buffers: [bytes, new Uint8Array()] },
  );
  const [answer] = published.filter(({ header }: Received) => header.msg_type === "comm_msg");
  expect(answer?.content).toMatchObject({ comm_id: "c", data: { was: { n: 1 } } });
  expect(answer?.buffers).toHaveLength(2);
  expect(bytes.equals(answer!.buffers[0]!)).toBe(true);
  expect(answer?.buffers[1]).toHaveLength(0);
});
