import { readFile } from "node:fs/promises";

/** The five sockets of a kernel, with the connection file's names for their ports. */
export const channelNames = ["shell", "iopub", "stdin", "control", "hb"] as const;

/** Name of one of a kernel's sockets. */
export type ChannelName = (typeof channelNames)[number];

/** Where a kernel listens and how its messages are signed ("Connection files"). */
export interface ConnectionFile {
  readonly transport: "tcp" | "ipc";
  /** Address for tcp, path prefix for ipc. */
  readonly ip: string;
  readonly ports: Readonly<Record<ChannelName, number>>;
  /** Signing key; empty means that messages carry no signature. */
  readonly key: string;
}

/** Reads and checks a connection file; throws an error that names the file and the wrong field. */
export async function readConnectionFile(path: string): Promise<ConnectionFile> {
  const fields = JSON.parse(await readFile(path, "utf8")) as Record<string, unknown>;
  const wrong = (field: string, wanted: string): Error =>
    new Error(`connection file ${path}: "${field}" must be ${wanted}, not ${JSON.stringify(fields[field])}`);
  const { transport = "tcp", ip = "127.0.0.1", key = "", signature_scheme: scheme = "hmac-sha256" } = fields;
  if (transport !== "tcp" && transport !== "ipc") throw wrong("transport", `"tcp" or "ipc"`);
  if (typeof ip !== "string") throw wrong("ip", "text");
  if (typeof key !== "string") throw wrong("key", "text");
  if (key !== "" && scheme !== "hmac-sha256") throw wrong("signature_scheme", `"hmac-sha256"`);
  const ports = channelNames.map((name) => {
    const port = fields[`${name}_port`];
    if (!Number.isInteger(port)) throw wrong(`${name}_port`, "a whole number");
    return [name, port] as const;
  });
  return { transport, ip, key, ports: Object.fromEntries(ports) as Record<ChannelName, number> };
}

/** Formats the ZeroMQ address of a channel. */
export function endpoint({ transport, ip, ports }: ConnectionFile, channel: ChannelName): string {
  return transport === "tcp" ? `tcp://${ip}:${ports[channel]}` : `ipc://${ip}-${ports[channel]}`;
}
