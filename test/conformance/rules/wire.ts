import type { Kernel } from "../kernel.ts";
import { type Rule, demand, demandFields, isDict, same, sameHeader } from "../rule.ts";

const must = { level: "must" } as const;

/** Makes the kernel send messages of many types, on every channel. */
async function exercise({ client, run, dialect }: Kernel): Promise<void> {
  await run(dialect.print("exercise"));
  await run(dialect.result);
  await run(dialect.raises);
  await client.ask("kernel_info_request", {});
  const control = client.send("kernel_info_request", {}, { channel: "control" });
  await control.reply(2_000).catch(() => {}); // whether it is answered is another rule
}

/** Sends something that has to be ignored, and looks whether the kernel ran it or answered it. */
async function ignores(kernel: Kernel, signature: string): Promise<void> {
  const { client, dialect } = kernel;
  const code = dialect.print("forged");
  const forged = client.send("execute_request", { code, silent: false }, { signature });
  await kernel.prints(dialect.print("honest"), "honest");
  demand(kernel.printed(forged) === "", "the forged cell was run");
  const replies = client.messages.filter(({ parent }) => parent["msg_id"] === forged.header.msg_id);
  demand(replies.length === 0, "the forged request was answered");
}

/** Signatures, frames and headers. */
export const wireRules: readonly Rule[] = [
  {
    ...must,
    id: "wire-frames",
    text: "Every message is `<IDS|MSG>`, a signature, and four dicts as JSON: header, parent header, metadata, content.",
    source: "messaging#the-wire-protocol",
    async check(kernel) {
      await exercise(kernel);
      const { malformed, messages } = kernel.client;
      demand(malformed.length === 0, malformed[0]!);
      const odd = messages.find(({ metadata, parent }) => !isDict(metadata) || "" in parent);
      demand(!odd, `${odd?.header.msg_type} has a parent header or metadata that is no dict`);
    },
  },
  {
    ...must,
    id: "wire-signature",
    text: "Every message carries the HMAC-SHA256 of its four dicts under the connection file's key.",
    source: "messaging#the-wire-protocol",
    async check(kernel) {
      await exercise(kernel);
      const wrong = kernel.client.messages.find(({ signature, expectedSignature }) => signature !== expectedSignature);
      demand(!wrong, `${wrong?.header.msg_type} on ${wrong?.channel} has a wrong signature`);
    },
  },
  {
    ...must,
    id: "wire-forged",
    text: "A request with a wrong signature is not executed and not answered.",
    source: "kernels#handling-messages",
    check: (kernel) => ignores(kernel, "0".repeat(64)),
  },
  {
    ...must,
    id: "wire-unsigned",
    text: "Where there is a key, a request without a signature is not executed and not answered.",
    source: "kernels#handling-messages",
    check: (kernel) => ignores(kernel, ""),
  },
  {
    ...must,
    id: "wire-empty-key",
    text: "With an empty key messages carry an empty signature, and unsigned requests are answered.",
    source: "messaging#the-wire-protocol",
    async check({ start }) {
      await using unsigned = await start({ key: "" });
      await unsigned.prints(unsigned.dialect.print("open"), "open");
      const signed = unsigned.client.messages.find(({ signature }) => signature !== "");
      demand(!signed, `${signed?.header.msg_type} has a signature`);
    },
  },
  {
    ...must,
    id: "wire-malformed",
    text: "Frames that are no message (no delimiter, too few, no JSON) do no harm.",
    source: "kernels#handling-messages",
    async check(kernel) {
      const { client } = kernel;
      for (const channel of ["shell", "control"] as const) {
        await client.sendFrames(channel, ["no delimiter"]);
        await client.sendFrames(channel, ["<IDS|MSG>"]);
        await client.sendFrames(channel, ["<IDS|MSG>", "", "{}", "{}"]);
        await client.sendFrames(channel, ["<IDS|MSG>", "x", "not json", "{}", "{}", "{}"]);
        await client.sendFrames(channel, [Buffer.from([0xff, 0xfe, 0x00])]);
      }
      await kernel.prints(kernel.dialect.print("alive"), "alive");
    },
  },
  {
    ...must,
    id: "wire-buffers",
    text: "A request with binary buffers behind its dicts is understood.",
    source: "messaging#buffers",
    async check({ run, dialect }) {
      const { answer } = await run(dialect.print("buffered"), {}, { buffers: [Buffer.from([0, 255, 1])] });
      same(answer.content["status"], "ok", "the reply's status");
    },
  },
  {
    level: "should",
    id: "wire-topic",
    text: "A message on iopub has exactly one frame, its topic, before the delimiter.",
    source: "messaging#the-wire-protocol",
    async check(kernel) {
      await exercise(kernel);
      const odd = kernel.client.messages.find(({ channel, prefix }) => channel === "iopub" && prefix.length !== 1);
      demand(!odd, `${odd?.header.msg_type} has ${odd?.prefix.length} frames before the delimiter`);
    },
  },
  {
    ...must,
    id: "wire-ipc",
    text: "With transport `ipc` the sockets are bound at `ip-port` paths.",
    source: "JEP 106",
    async check({ start }) {
      await using other = await start({ transport: "ipc" });
      await other.prints(other.dialect.print("by ipc"), "by ipc");
    },
  },
  {
    ...must,
    id: "header-fields",
    text: "Every header has msg_id, session, username, date, msg_type and version, as text.",
    source: "messaging#message-header",
    async check(kernel) {
      await exercise(kernel);
      const text = { msg_id: "string", session: "string", username: "string", date: "string", version: "string" };
      for (const { header } of kernel.client.messages) demandFields(header, { ...text, msg_type: "string" });
    },
  },
  {
    ...must,
    id: "header-unique",
    text: "Each message has a msg_id of its own.",
    source: "messaging#message-header",
    async check(kernel) {
      await exercise(kernel);
      const ids = new Map<string, string>();
      for (const { header } of kernel.client.messages) {
        demand(!ids.has(header.msg_id), `${ids.get(header.msg_id)} and ${header.msg_type} share one`);
        ids.set(header.msg_id, header.msg_type);
      }
    },
  },
  {
    ...must,
    id: "header-date",
    text: "The header's date is an ISO 8601 timestamp of now.",
    source: "messaging#message-header",
    async check({ client }) {
      const { answer } = await client.ask("kernel_info_request", {});
      const date = String(answer.header["date"]);
      demand(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/.test(date), `the date is ${date}`);
      const zoned = /(?:Z|[+-]\d\d:?\d\d)$/.test(date) ? date : `${date}Z`;
      demand(Math.abs(Date.parse(zoned) - Date.now()) < 86_400_000, `the date is ${date}`);
    },
  },
  {
    level: "should",
    id: "header-session",
    text: "All messages of a kernel process have one session, which is not its client's.",
    source: "messaging#message-header",
    async check(kernel) {
      await exercise(kernel);
      const sessions = new Set(kernel.client.messages.map(({ header }) => header["session"]));
      demand(sessions.size === 1, `there are ${sessions.size} sessions`);
      demand(!sessions.has(kernel.client.session), "it is the client's session");
    },
  },
  {
    level: "should",
    id: "header-session-restart",
    text: "Another process of the kernel has another session.",
    source: "messaging#message-header",
    async check({ client, start }) {
      await using other = await start();
      const [one, two] = [client, other.client].map(({ messages }) => messages[0]?.header["session"]);
      demand(one !== two, "both have the same session");
    },
  },
  {
    ...must,
    id: "parent-header",
    text: "The parent header of a reply, and of what is published, is a copy of the request's header.",
    source: "messaging#parent-header",
    async check({ cell, dialect }) {
      const request = cell(dialect.print("child"));
      const messages = [await request.reply(), await request.sees("stream"), await request.idle()];
      for (const message of messages) sameHeader(message.parent, request.header, message.header.msg_type);
    },
  },
  {
    ...must,
    id: "unknown-message",
    text: "A message of an unknown type does no harm.",
    source: "messaging#compatibility",
    async check(kernel) {
      kernel.client.send("conformance_request", {});
      kernel.client.send("conformance", { a: 1 }, { channel: "control" });
      await kernel.prints(kernel.dialect.print("alive"), "alive");
      await kernel.client.send("kernel_info_request", {}, { channel: "control" }).reply();
    },
  },
  {
    ...must,
    id: "unknown-field",
    text: "Unknown fields in a header and in a known request's content are allowed.",
    source: "messaging#compatibility",
    async check({ run, dialect }) {
      const header = { conformance: "header" };
      const { answer } = await run(dialect.print("more"), { conformance: { a: [1] } }, { header });
      same(answer.content["status"], "ok", "the reply's status");
    },
  },
  {
    ...must,
    id: "two-clients",
    text: "Two clients: each gets its own replies only, and both see what is published, execute_input included.",
    source: "messaging#introduction",
    async check({ connect, run, client, dialect }) {
      const other = await connect();
      const { header } = await run(dialect.print("for both"));
      const parented = (type: string) => (message: { header: { msg_type: string }; parent: { msg_id?: unknown } }) =>
        message.header.msg_type === type && message.parent.msg_id === header.msg_id;
      await other.wait("stream for the other client", parented("stream"));
      await other.wait("execute_input for the other client", parented("execute_input"));
      await other.ask("kernel_info_request", {});
      demand(!other.messages.some(parented("execute_reply")), "the other client got the reply");
      const strays = client.messages.filter(
        ({ channel, parent }) => channel === "shell" && parent["session"] !== client.session,
      );
      demand(strays.length === 0, "the first client got the other's reply");
    },
  },
  {
    ...must,
    id: "heartbeat",
    text: "The heartbeat echoes bytes as they came.",
    source: "messaging#heartbeat-for-kernels",
    async check({ client }) {
      for (const bytes of ["ping", "", "déjà"]) same(await client.echo(bytes), bytes, "the echo");
    },
  },
  {
    ...must,
    id: "heartbeat-busy",
    spoils: true,
    text: "The heartbeat echoes at once while a cell spins.",
    source: "kernels#handling-messages",
    async check({ client, prints, dialect }) {
      await prints(dialect.spin, "now");
      await client.echo("ping", 2_000);
    },
  },
];
