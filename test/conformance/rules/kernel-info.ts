import type { Kernel } from "../kernel.ts";
import { NotOffered, type Rule, demand, demandFields, isDict, same } from "../rule.ts";

const must = { level: "must", source: "messaging#kernel-info" } as const;

async function info({ client }: Kernel): Promise<Readonly<Record<string, unknown>>> {
  const { answer } = await client.ask("kernel_info_request", {});
  return answer.content;
}

/** Returns the optional features that the kernel claims. */
export async function featuresOf(kernel: Kernel): Promise<readonly unknown[]> {
  const { supported_features: features } = await info(kernel);
  return Array.isArray(features) ? features : [];
}

/** kernel_info, the subscription to iopub, the kernelspec. */
export const kernelInfoRules: readonly Rule[] = [
  {
    ...must,
    id: "info-fields",
    text: "kernel_info_reply has status `ok`, protocol_version, implementation, implementation_version, language_info and banner.",
    async check(kernel) {
      const content = await info(kernel);
      same(content["status"], "ok", "status");
      demandFields(content, {
        protocol_version: "string",
        implementation: "string",
        implementation_version: "string",
        language_info: "dict",
        banner: "string",
      });
    },
  },
  {
    ...must,
    id: "info-language",
    text: "language_info has name, version, mimetype and a file_extension that begins with a dot.",
    async check(kernel) {
      const { language_info: language } = await info(kernel);
      demand(isDict(language), "there is no language_info");
      demandFields(language, { name: "string", version: "string", mimetype: "string", file_extension: "string" });
      demand(String(language["file_extension"]).startsWith("."), "file_extension has no dot");
    },
  },
  {
    ...must,
    id: "info-version",
    text: "protocol_version has the form X.Y, and headers carry the same version.",
    async check({ client }) {
      const { answer } = await client.ask("kernel_info_request", {});
      const version = String(answer.content["protocol_version"]);
      demand(/^\d+\.\d+(\.\d+)?$/.test(version), `protocol_version is ${version}`);
      same(answer.header["version"], version, "the header's version");
    },
  },
  {
    ...must,
    level: "should",
    id: "info-help-links",
    text: "help_links, where given, are dicts with text and url.",
    async check(kernel) {
      const { help_links: links = [] } = await info(kernel);
      demand(Array.isArray(links), "help_links is no list");
      for (const link of links) demandFields(link as Record<string, unknown>, { text: "string", url: "string" });
    },
  },
  {
    level: "should",
    source: "JEP 92",
    id: "info-features",
    text: "supported_features is a list of text, and the older field `debugger`, where given, says the same.",
    async check(kernel) {
      const { supported_features: features, debugger: debuggable } = await info(kernel);
      demand(Array.isArray(features), "there is no list supported_features");
      demand(
        features.every((feature) => typeof feature === "string"),
        "a feature is no text",
      );
      if (debuggable !== undefined) same(debuggable, features.includes("debugger"), "debugger");
    },
  },
  {
    level: "must",
    source: "JEP 80",
    id: "info-control",
    text: "kernel_info is answered on control too.",
    async check({ client }) {
      const { answer } = await client.ask("kernel_info_request", {}, { channel: "control" });
      demandFields(answer.content, { protocol_version: "string", language_info: "dict" });
    },
  },
  {
    level: "must",
    source: "JEP 80",
    id: "info-control-busy",
    text: "kernel_info is answered on control while a cell spins.",
    spoils: true,
    async check({ client, prints, dialect }) {
      await prints(dialect.spin, "now");
      await client.send("kernel_info_request", {}, { channel: "control" }).reply(3_000);
    },
  },
  {
    level: "must",
    source: "JEP 65",
    id: "welcome",
    text: "A subscriber to iopub gets `iopub_welcome` with its subscription and an empty parent header.",
    async check({ client }) {
      const welcome = await client.wait("iopub_welcome", ({ header }) => header.msg_type === "iopub_welcome");
      same(welcome.content["subscription"], "", "subscription");
      same(welcome.parent, {}, "the parent header");
    },
  },
  {
    level: "must",
    source: "JEP 65",
    id: "welcome-second",
    text: "So does a second subscriber to the same.",
    async check({ connect }) {
      const other = await connect();
      await other.wait("iopub_welcome", ({ header }) => header.msg_type === "iopub_welcome");
    },
  },
  {
    level: "must",
    source: "JEP 65",
    id: "welcome-topic",
    text: "A subscriber to one topic is welcomed with this topic.",
    async check({ connect }) {
      const other = await connect(Buffer.from("conformance-topic"));
      const welcome = await other.wait("iopub_welcome", ({ header }) => header.msg_type === "iopub_welcome");
      same(welcome.content["subscription"], "conformance-topic", "subscription");
    },
  },
  {
    level: "must",
    source: "JEP 65",
    id: "welcome-utf8",
    text: "A subscription that is no UTF-8 is not welcomed, the next one is.",
    async check({ connect }) {
      const other = await connect(Buffer.from([0xff, 0xfe]));
      other.subscribe(Buffer.from("after"));
      const welcome = await other.wait("iopub_welcome", ({ header }) => header.msg_type === "iopub_welcome");
      same(welcome.content["subscription"], "after", "the first welcome's subscription");
    },
  },
  {
    level: "must",
    source: "kernels#kernel-specs",
    id: "kernelspec",
    text: "The kernelspec has argv with `{connection_file}`, display_name and language; interrupt_mode is `signal` or `message`.",
    async check({ subject: { spec } }) {
      demandFields(spec, { argv: "list", display_name: "string", language: "string" });
      demand(
        spec.argv.some((word) => word.includes("{connection_file}")),
        "argv has no {connection_file}",
      );
      const mode = spec["interrupt_mode"] ?? "signal";
      demand(mode === "signal" || mode === "message", `interrupt_mode is ${JSON.stringify(mode)}`);
    },
  },
  {
    level: "should",
    source: "kernels#kernel-specs",
    id: "kernelspec-protocol",
    text: "The kernelspec's kernel_protocol_version is the protocol_version of kernel_info.",
    async check(kernel) {
      const { protocol_version: version } = await info(kernel);
      same(kernel.subject.spec["kernel_protocol_version"], version, "kernel_protocol_version");
    },
  },
  {
    level: "should",
    source: "kernels#kernel-specs",
    id: "kernelspec-language",
    text: "The kernelspec's language is the name in language_info.",
    async check(kernel) {
      const { language_info: language } = await info(kernel);
      demand(isDict(language), "there is no language_info");
      same(kernel.subject.spec["language"], language["name"], "the kernelspec's language");
    },
  },
  {
    level: "may",
    source: "kernels#connection-file-format",
    id: "curve",
    text: "With Curve keys in the connection file all sockets are encrypted (claimed by the kernelspec's supported_encryption).",
    async check({ subject, start }) {
      const { supported_encryption: schemes } = (subject.spec["metadata"] ?? {}) as Record<string, unknown>;
      if (!Array.isArray(schemes) || !schemes.includes("curve")) {
        throw new NotOffered("the kernelspec claims no encryption");
      }
      const { curveKeyPair } = await import("zeromq");
      await using encrypted = await start({ curve: curveKeyPair() });
      await encrypted.prints(encrypted.dialect.print("secret"), "secret");
      same(await encrypted.client.echo("ping"), "ping", "the heartbeat's echo");
    },
  },
  {
    level: "may",
    source: "messaging#connect",
    id: "connect",
    text: "connect_request (deprecated) is answered with the ports of the connection file.",
    async check({ client, connection: { ports } }) {
      const { answer } = await client.ask("connect_request", {});
      const wanted = Object.fromEntries(Object.entries(ports).map(([name, port]) => [`${name}_port`, port]));
      const seen = Object.fromEntries(Object.keys(wanted).map((field) => [field, answer.content[field]]));
      same(seen, wanted, "the reply");
    },
  },
  {
    level: "may",
    source: "messaging#debug-request",
    id: "debug-info",
    text: "A kernel with the feature `debugger` answers a debug_request for `debugInfo` on control.",
    async check(kernel) {
      if (!(await featuresOf(kernel)).includes("debugger")) throw new NotOffered("debugger is no feature of it");
      const request = { type: "request", seq: 1, command: "debugInfo", arguments: {} };
      const { answer } = await kernel.client.ask("debug_request", request, { channel: "control" });
      same(answer.content["success"], true, "success");
      demand(isDict(answer.content["body"]), "there is no body");
      demandFields(answer.content["body"], { isStarted: "boolean", breakpoints: "list", stoppedThreads: "list" });
    },
  },
];
