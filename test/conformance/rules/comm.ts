import { randomUUID } from "node:crypto";
import type { Request, Wire } from "../client.ts";
import type { Kernel } from "../kernel.ts";
import { type Rule, demand, demandFields, isDict, need, same } from "../rule.ts";

const custom = { level: "may", source: "messaging#custom-messages" } as const;
const target = "conformance.echo";

/** Registers the echo target in the kernel and opens a comm to it. */
async function opened(kernel: Kernel): Promise<{ id: string; open: Request }> {
  const { answer } = await kernel.run(need(kernel.dialect.commTarget, "register a comm target")(target));
  same(answer.content["status"], "ok", "the status of the cell that registers a target");
  const id = randomUUID();
  const open = kernel.client.send("comm_open", { comm_id: id, target_name: target, data: {} });
  await open.idle();
  return { id, open };
}

async function comms({ client }: Kernel, content: object = {}): Promise<Record<string, unknown>> {
  const { answer } = await client.ask("comm_info_request", content);
  same(answer.content["status"], "ok", "status");
  demand(isDict(answer.content["comms"]), "comms is no dict");
  return answer.content["comms"];
}

const echoOf =
  (id: string) =>
  ({ header, content }: Wire): boolean =>
    header.msg_type === "comm_msg" && content["comm_id"] === id && isDict(content["data"]) && "echo" in content["data"];

/** Comms. */
export const commRules: readonly Rule[] = [
  {
    ...custom,
    id: "comm-info",
    text: "comm_info_reply has status and comms, a dict by comm_id; with target_name only those of this target.",
    source: "messaging#comm-info",
    async check(kernel) {
      await comms(kernel);
      same(await comms(kernel, { target_name: "conformance.nobody" }), {}, "comms of an unknown target");
    },
  },
  {
    ...custom,
    level: "must",
    id: "comm-unknown-target",
    text: "A comm_open for an unknown target is answered by comm_close of that comm.",
    source: "messaging#opening-a-comm",
    async check({ client }) {
      const id = randomUUID();
      const open = client.send("comm_open", { comm_id: id, target_name: "conformance.nobody", data: {} });
      const { content } = await open.sees("comm_close");
      same(content["comm_id"], id, "comm_id");
    },
  },
  {
    ...custom,
    id: "comm-unknown-id",
    text: "comm_msg and comm_close for an unknown comm do no harm.",
    source: "messaging#comm-messages",
    async check(kernel) {
      kernel.client.send("comm_msg", { comm_id: randomUUID(), data: {} });
      kernel.client.send("comm_close", { comm_id: randomUUID(), data: {} });
      await kernel.prints(kernel.dialect.print("alive"), "alive");
    },
  },
  {
    ...custom,
    id: "comm-from-kernel",
    text: "A cell can open a comm: comm_open on iopub with comm_id, target_name and data, under the cell.",
    source: "messaging#opening-a-comm",
    async check(kernel) {
      const code = need(kernel.dialect.commOpen, "open a comm")("conformance.front");
      const { content } = await kernel.cell(code).sees("comm_open");
      demandFields(content, { comm_id: "string", target_name: "string", data: "dict" });
      same([content["target_name"], content["data"]], ["conformance.front", { a: 1 }], "target_name and data");
    },
  },
  {
    ...custom,
    id: "comm-messages",
    text: "A comm that the front end opened takes comm_msg to its handler in the kernel, and back.",
    source: "messaging#comm-messages",
    async check(kernel) {
      const { id } = await opened(kernel);
      kernel.client.send("comm_msg", { comm_id: id, data: { n: 1 } });
      const { content } = await kernel.client.wait("comm_msg of the kernel", echoOf(id));
      same(content, { comm_id: id, data: { echo: { n: 1 } } }, "its content");
    },
  },
  {
    ...custom,
    id: "comm-buffers",
    text: "Binary buffers of comm messages arrive both ways as they were sent.",
    source: "messaging#buffers",
    async check(kernel) {
      const { id } = await opened(kernel);
      const bytes = [Buffer.from([0, 255, 10, 13]), Buffer.alloc(100_000, 7)];
      kernel.client.send("comm_msg", { comm_id: id, data: {} }, { buffers: bytes });
      const { buffers } = await kernel.client.wait("comm_msg of the kernel", echoOf(id));
      same(buffers.map(String), bytes.map(String), "the buffers");
      demand(
        buffers.every((buffer, i) => buffer.equals(bytes[i]!)),
        "a buffer has other bytes",
      );
    },
  },
  {
    ...custom,
    level: "should",
    id: "comm-parent",
    text: "What a comm handler prints and sends has the comm message's header as parent.",
    source: "messaging#output-side-effects",
    async check(kernel) {
      const { id } = await opened(kernel);
      const message = kernel.client.send("comm_msg", { comm_id: id, data: {} });
      await message.sees("comm_msg");
      await message.sees("stream", ({ text }) => String(text).includes("heard"));
    },
  },
  {
    ...custom,
    id: "comm-info-open",
    text: "comm_info lists an open comm with its target_name, and no longer after comm_close.",
    source: "messaging#tearing-down-comms",
    async check(kernel) {
      const { id } = await opened(kernel);
      same((await comms(kernel, { target_name: target }))[id], { target_name: target }, "the comm");
      await kernel.client.send("comm_close", { comm_id: id, data: {} }).idle();
      demand(!(id in (await comms(kernel))), "a closed comm is listed");
    },
  },
];
