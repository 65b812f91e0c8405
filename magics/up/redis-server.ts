import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Redis } from "ioredis";
import { findProgram } from "./install.ts";
import { unpackDebian } from "./install-debian.ts";
import { loopback } from "./ports.ts";
import type { Host, Installed, Server, ServerProcess } from "./recipe.ts";
import { runTool } from "./tool.ts";
import { giveTo } from "./unprivileged.ts";

/** Users that Redis runs as where we are root. */
export const redisUsers: readonly string[] = ["redis", "nobody"];

const elsewhere =
  "redis-server was not found on PATH: install Redis (on macOS `brew install redis`) and run this again";

/** Finds Redis on PATH, or unpacks Debian's. */
export async function installRedis(host: Host): Promise<Installed> {
  const onPath = findProgram("redis-server");
  const unpacked =
    onPath === undefined
      ? await unpackDebian(["redis-server", "redis-tools"], "installing Redis", elsewhere, host)
      : undefined;
  const program = onPath ?? join(unpacked!.folder, "usr", "bin", "redis-server");
  const env = unpacked?.env ?? {};
  const said = await runTool(program, ["--version"], { signal: host.signal, env });
  const version = /v=(\S+)/.exec(said)?.[1] ?? "";
  return { version, dataVersion: version.split(".")[0]!, programs: { redis: program }, env };
}

/** Describes one Redis process. Its settings are in a file, as they hold the password. */
export async function redisProcess(
  { folder, password, tls, runAs, installed }: Server,
  { name, port, data, settings = {} }: { name: string; port: number; data: string; settings?: Record<string, string> },
): Promise<ServerProcess> {
  const file = join(folder, `${name}.conf`);
  const all: Record<string, string> = {
    bind: loopback,
    port: tls ? "0" : String(port),
    requirepass: password,
    masterauth: password,
    dir: data,
    appendonly: "yes",
    ...(tls && {
      "tls-port": String(port),
      "tls-cert-file": tls.cert,
      "tls-key-file": tls.key,
      "tls-ca-cert-file": tls.ca,
      "tls-auth-clients": "no",
    }),
    ...settings,
  };
  const lines = Object.entries(all).map(([key, value]) => `${key} ${JSON.stringify(value)}\n`);
  await writeFile(file, lines.join(""), { mode: 0o600 });
  await giveTo(runAs, file);
  const { programs, env } = installed;
  return { name, command: programs["redis"]!, args: [file], user: runAs, ...(env && { env }) };
}

/** Opens a connection to one Redis process, does work, and closes it. */
export async function withRedis<T>(
  { password, tls }: Server,
  port: number,
  work: (redis: Redis) => Promise<T>,
): Promise<T> {
  const { Redis: Client } = await import("ioredis");
  const redis = new Client({
    host: loopback,
    port,
    password,
    lazyConnect: true,
    retryStrategy: () => null, // the caller asks again
    ...(tls && { tls: { ca: await readFile(tls.ca, "utf8") } }),
  });
  redis.on("error", () => {}); // the call that fails tells
  try {
    await redis.connect();
    return await work(redis);
  } finally {
    redis.disconnect();
  }
}
