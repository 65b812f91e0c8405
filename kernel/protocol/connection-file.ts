import { getHashes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { isIP } from "node:net";

/** The five sockets of a kernel, with the connection file's names for their ports. */
export const channelNames = ["shell", "iopub", "stdin", "control", "hb"] as const;

/** Name of one of a kernel's sockets. */
export type ChannelName = (typeof channelNames)[number];

/** How messages are signed. */
export interface Signing {
  /** Empty: messages carry no signature. */
  readonly key: string;
  /** A hash that node:crypto knows, such as `sha256`. */
  readonly hash: string;
}

/** Keys of CurveZMQ, in Z85: 40 characters each. */
export interface CurveKeys {
  readonly publicKey: string;
  readonly secretKey: string;
}

/** Where a kernel listens, how its messages are signed and encrypted ("Connection files"). */
export interface ConnectionFile extends Signing {
  readonly transport: "tcp" | "ipc";
  /** Address for tcp, path prefix for ipc. */
  readonly ip: string;
  readonly ports: Readonly<Record<ChannelName, number>>;
  /** The kernel's keys; undefined means that nothing is encrypted. */
  readonly curve: CurveKeys | undefined;
}

/** Reads and checks a connection file; throws an error that names the file and the wrong field. */
export async function readConnectionFile(path: string): Promise<ConnectionFile> {
  return parseConnectionFile(path, await readFile(path, "utf8"));
}

/** Checks the text of a connection file. */
export function parseConnectionFile(path: string, text: string): ConnectionFile {
  const fields = parseObject(path, text);
  const wrong = (field: string, wanted: string): Error =>
    new Error(`connection file ${path}: "${field}" must be ${wanted}, not ${JSON.stringify(fields[field])}`);
  const { transport = "tcp", ip = "127.0.0.1", key = "", signature_scheme: scheme = "hmac-sha256" } = fields;
  if (transport !== "tcp" && transport !== "ipc") throw wrong("transport", `"tcp" or "ipc"`);
  if (typeof ip !== "string" || ip === "") throw wrong("ip", "text");
  if (typeof key !== "string") throw wrong("key", "text");
  const hash = /^hmac-(.+)$/.exec(String(scheme))?.[1];
  if (key !== "" && (hash === undefined || !getHashes().includes(hash))) {
    throw wrong("signature_scheme", `"hmac-sha256", or "hmac-" and another hash that Node has`);
  }
  const ports = channelNames.map((name) => {
    const port = fields[`${name}_port`];
    if (transport === "tcp" ? !isPort(port) : !Number.isInteger(port)) {
      throw wrong(`${name}_port`, transport === "tcp" ? "a whole number from 1 to 65535" : "a whole number");
    }
    return [name, port] as const;
  });
  return {
    transport,
    ip,
    key,
    hash: hash ?? "sha256",
    ports: Object.fromEntries(ports) as Record<ChannelName, number>,
    curve: parseCurve(path, fields),
  };
}

// Port 0 would be any free one, which no client could know.
function isPort(value: unknown): boolean {
  return Number.isInteger(value) && (value as number) > 0 && (value as number) < 65_536;
}

function parseObject(path: string, text: string): Record<string, unknown> {
  let fields: unknown;
  try {
    fields = JSON.parse(text);
  } catch (cause) {
    throw new Error(`connection file ${path} is no JSON`, { cause });
  }
  if (typeof fields !== "object" || fields === null) throw new Error(`connection file ${path} is no JSON object`);
  return fields as Record<string, unknown>;
}

function parseCurve(path: string, fields: Record<string, unknown>): CurveKeys | undefined {
  const { curve_publickey: publicKey = "", curve_secretkey: secretKey = "" } = fields;
  if (publicKey === "" && secretKey === "") return undefined;
  if (isCurveKey(publicKey) && isCurveKey(secretKey)) return { publicKey, secretKey };
  // Without their values: one is the secret.
  const field = isCurveKey(publicKey) ? "curve_secretkey" : "curve_publickey";
  throw new Error(`connection file ${path}: "${field}" must be 40 characters of Z85, as Curve needs both keys`);
}

function isCurveKey(value: unknown): value is string {
  return typeof value === "string" && /^[\w.\-:+=^!/*?&<>()[\]{}@%$#]{40}$/.test(value);
}

/** Formats the ZeroMQ address of a channel. */
export function endpoint({ transport, ip, ports }: ConnectionFile, channel: ChannelName): string {
  if (transport === "ipc") return `ipc://${ip}-${ports[channel]}`;
  return `tcp://${isIP(ip) === 6 ? `[${ip}]` : ip}:${ports[channel]}`;
}

/** Replaces a host's name by its address, since ZeroMQ binds to addresses and interfaces only. */
export async function withAddress(connection: ConnectionFile): Promise<ConnectionFile> {
  const { transport, ip } = connection;
  if (transport !== "tcp" || ip === "*" || isIP(ip) !== 0) return connection;
  const { lookup } = await import("node:dns/promises");
  // No host: perhaps an interface, such as eth0.
  const found = await lookup(ip, { order: "ipv4first" }).catch(() => undefined);
  return found ? { ...connection, ip: found.address } : connection;
}
