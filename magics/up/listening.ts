import { readFileSync, readdirSync, readlinkSync } from "node:fs";

/** A socket that waits for connections. */
export interface Listening {
  readonly address: string;
  readonly port: number;
}

const listenState = "0A"; // TCP_LISTEN

/** Lists the TCP sockets on which processes and those below them wait, by /proc; undefined where there is no /proc. */
export function listListening(pids: readonly number[]): readonly Listening[] | undefined {
  if (process.platform !== "linux") return undefined;
  const inodes = new Set(processTree(pids).flatMap(socketsOf));
  return ["tcp", "tcp6"].flatMap((table) =>
    readText(`/proc/net/${table}`)
      .split("\n")
      .slice(1)
      .map((line) => line.trim().split(/\s+/))
      .filter((fields) => fields[3] === listenState && inodes.has(fields[9]!))
      .map((fields) => readAddress(fields[1]!)),
  );
}

/** Says whether only this machine reaches an address. */
export function isLoopback({ address }: Listening): boolean {
  return address.startsWith("127.") || address === "::1" || address.startsWith("::ffff:127.");
}

/** Lists processes and those below them, on Linux. */
export function processTree(roots: readonly number[]): readonly number[] {
  const found = [...roots];
  for (let at = 0; at < found.length; at++) {
    for (const task of readNames(`/proc/${found[at]}/task`)) {
      const children = readText(`/proc/${found[at]}/task/${task}/children`);
      found.push(
        ...children
          .split(" ")
          .filter((pid) => pid !== "")
          .map(Number),
      );
    }
  }
  return found;
}

function socketsOf(pid: number): string[] {
  return readNames(`/proc/${pid}/fd`).flatMap((fd) => {
    try {
      return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1] ?? [];
    } catch {
      return []; // closed meanwhile
    }
  });
}

/** Reads `0100007F:1538`: words of four bytes in the machine's order, and a port; see proc(5). */
function readAddress(field: string): Listening {
  const [hex = "", port = ""] = field.split(":");
  const bytes = (hex.match(/.{8}/g) ?? []).flatMap((word) =>
    word
      .match(/../g)!
      .toReversed()
      .map((byte) => parseInt(byte, 16)),
  );
  const groups = Array.from({ length: 8 }, (_, i) =>
    (((bytes[2 * i] ?? 0) << 8) | (bytes[2 * i + 1] ?? 0)).toString(16),
  );
  const isMapped = bytes.length === 16 && bytes.slice(0, 10).every((byte) => byte === 0) && bytes[10] === 255;
  const isSmall = bytes.length === 16 && bytes.slice(0, 15).every((byte) => byte === 0);
  const address =
    bytes.length === 4
      ? bytes.join(".")
      : isMapped
        ? `::ffff:${bytes.slice(12).join(".")}`
        : isSmall
          ? `::${bytes[15] || ""}`
          : groups.join(":");
  return { address, port: parseInt(port, 16) };
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return ""; // it ended meanwhile
  }
}

function readNames(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
