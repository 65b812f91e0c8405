import { createHash } from "node:crypto";
import { existsSync, statSync } from "node:fs";
import { chmod, mkdir } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { isRoot } from "./unprivileged.ts";

/** Returns the folder of installed programs and of servers' data: `typhoon` in the user's cache folder. */
export function cacheFolder(env: NodeJS.ProcessEnv = process.env): string {
  const folder = userCache(env);
  // Databases refuse to run as root, and other users cannot get into root's home.
  return isRoot() && !isOpenToAll(folder) ? "/var/cache/typhoon" : folder;
}

function userCache(env: NodeJS.ProcessEnv): string {
  if (env["XDG_CACHE_HOME"]) return join(env["XDG_CACHE_HOME"], "typhoon");
  if (process.platform === "darwin") return join(homedir(), "Library", "Caches", "typhoon");
  if (process.platform === "win32") {
    return join(env["LOCALAPPDATA"] ?? join(homedir(), "AppData", "Local"), "typhoon");
  }
  return join(homedir(), ".cache", "typhoon");
}

function isOpenToAll(folder: string): boolean {
  for (let above = folder; ; above = dirname(above)) {
    if (existsSync(above) && (statSync(above).mode & 0o001) === 0) return false;
    if (dirname(above) === above) return true;
  }
}

/** Makes a folder below the cache folder, which root's servers can enter, whatever mask root works with. */
export async function makeFolder(folder: string): Promise<void> {
  const first = await mkdir(folder, { recursive: true });
  if (first === undefined || !isRoot()) return;
  for (let made = folder; made.length >= first.length; made = dirname(made)) await chmod(made, 0o755);
}

/** Folder of all servers, one folder each. */
export function serversFolder(): string {
  return join(cacheFolder(), "servers");
}

/** Folder of one server: its data, its log and what is known of it. */
export function serverFolder(name: string): string {
  return join(serversFolder(), name);
}

/** Folder of installed programs. */
export function packagesFolder(): string {
  return join(cacheFolder(), "packages");
}

// sun_path of unix(7) has 108 bytes on Linux, 104 on macOS.
const longestSocketPath = 100;

/** Where a server's supervisor listens: a Unix socket, or a named pipe on Windows. */
export function socketPath(folder: string): string {
  const hash = createHash("sha256").update(folder).digest("hex").slice(0, 16);
  if (process.platform === "win32") return `\\\\.\\pipe\\typhoon-${hash}`;
  const path = join(folder, "supervisor.sock");
  return path.length <= longestSocketPath ? path : join(tmpdir(), `typhoon-${process.getuid!()}-${hash}.sock`);
}
