import { existsSync } from "node:fs";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { ServerFailure } from "./failure.ts";
import { findProgram } from "./install.ts";
import { type Unpacked, unpackDebian } from "./install-debian.ts";
import { loopback } from "./ports.ts";
import type { Host, Installed, Recipe, Server } from "./recipe.ts";
import { tlsParameters } from "./tls.ts";
import { runTool } from "./tool.ts";
import { giveTo } from "./unprivileged.ts";

const database = "typhoon";
const elsewhere =
  "neither mariadbd nor mysqld was found on PATH: install MariaDB (on macOS `brew install mariadb`) or MySQL, and run this again";

/** MariaDB or MySQL: the one on PATH, or Debian's MariaDB. */
export const mysql: Recipe = {
  name: "mysql",
  title: "MySQL",
  hasTls: true,
  users: ["mysql", "nobody"],
  async install(host) {
    const onPath = findProgram("mariadbd") ?? findProgram("mysqld");
    if (onPath !== undefined) return describe(onPath, undefined, host.signal);
    const unpacked = await unpackDebian(
      ["mariadb-server-core", "mariadb-client-core"],
      "installing MariaDB",
      elsewhere,
      host,
    );
    return describe(join(unpacked.folder, "usr", "sbin", "mariadbd"), unpacked, host.signal);
  },
  async start(server, host) {
    await makeTemporary(server);
    if (server.isNew) await initialise(server, host);
    const { folder, data, ports, tls, installed, runAs } = server;
    const options = {
      datadir: data,
      tmpdir: temporary(server),
      "bind-address": loopback,
      port: String(ports[0]),
      socket: join(data, "mysql.sock"),
      "pid-file": join(data, "mysql.pid"),
      "innodb-flush-log-at-trx-commit": "2", // a crash of the machine may lose the last second
      "max-allowed-packet": "256M",
      ...(tls && { "ssl-ca": tls.ca, "ssl-cert": tls.cert, "ssl-key": tls.key }),
      ...(server.isNew && { "init-file": await writeUsers(server) }),
      // Unpacked, it stands elsewhere than it was made for.
      ...(installed.programs["root"] !== undefined && { basedir: join(installed.programs["root"], "usr") }),
    };
    const args = Object.entries(options).map(([name, value]) => `--${name}=${value}`);
    const command = installed.programs["server"]!;
    return [
      { name: "mysql", command, args: ["--no-defaults", ...args], cwd: folder, user: runAs, env: installed.env ?? {} },
    ];
  },
  async ready(server) {
    const { createConnection } = await import("mysql2/promise");
    const { user, password, ports, tls } = server;
    const connection = await createConnection({
      host: loopback,
      port: ports[0]!,
      user,
      password,
      connectTimeout: 5_000,
      ...(tls && { ssl: { ca: await readFile(tls.ca, "utf8") } }),
    });
    await connection.end();
    // It holds the passwords, and was read.
    if (server.isNew) await rm(usersFile(server), { force: true });
  },
  url: ({ user, password, ports, tls }) =>
    `mysql://${user}:${password}@${loopback}:${ports[0]}/${database}${tlsParameters(tls)}`,
};

async function describe(program: string, unpacked: Unpacked | undefined, signal: AbortSignal): Promise<Installed> {
  const env = unpacked?.env ?? {};
  const said = await runTool(program, ["--no-defaults", "--version"], { signal, env });
  const [, number = "", major = ""] = /Ver ((\d+\.\d+)[\d.]*)/.exec(said) ?? [];
  const product = said.includes("MariaDB") ? "MariaDB" : "MySQL";
  return {
    version: product === "MariaDB" ? `${number} (MariaDB)` : number,
    dataVersion: `${product} ${major}`,
    programs: { server: program, ...(unpacked && { root: unpacked.folder }) },
    env,
  };
}

/** Makes the system's tables. */
async function initialise(target: Server, { signal }: Host): Promise<void> {
  const { data, folder, runAs, installed } = target;
  const { server, root } = installed.programs;
  const options = { signal, user: runAs, cwd: folder, env: { ...installed.env, TMPDIR: temporary(target) } };
  if (!installed.dataVersion.startsWith("MariaDB")) {
    await runTool(server!, ["--no-defaults", "--initialize-insecure", `--datadir=${data}`], options);
    return;
  }
  const base = root === undefined ? dirname(dirname(server!)) : join(root, "usr");
  const names = ["bin/mariadb-install-db", "scripts/mariadb-install-db", "bin/mysql_install_db"];
  const script = names.map((name) => join(base, name)).find((path) => existsSync(path));
  const program = script ?? findProgram("mariadb-install-db");
  if (program === undefined) {
    throw new ServerFailure(
      `${server} is there, but not its mariadb-install-db, which makes new data: install MariaDB whole`,
    );
  }
  // Nobody gets in over TCP before the users are made: root is known by the socket, and there is no guest.
  const how = ["--auth-root-authentication-method=socket", "--skip-test-db", "--skip-name-resolve"];
  await runTool(program, ["--no-defaults", `--datadir=${data}`, `--basedir=${base}`, ...how], options);
}

/** Of its own: at its start a server deletes what others have made in a folder that they share. */
function temporary({ folder }: Server): string {
  return join(folder, "tmp");
}

async function makeTemporary(server: Server): Promise<void> {
  await mkdir(temporary(server), { recursive: true, mode: 0o700 });
  await giveTo(server.runAs, temporary(server));
}

function usersFile({ folder }: Server): string {
  return join(folder, "users.sql");
}

/** Writes what the server runs before it takes its first client. */
async function writeUsers(server: Server): Promise<string> {
  const { user, password, runAs, installed } = server;
  const file = usersFile(server);
  const lines = [
    `create database ${database} character set utf8mb4`,
    `create user '${user}'@'%' identified by '${password}'`,
    `grant all on *.* to '${user}'@'%' with grant option`,
    ...(installed.dataVersion.startsWith("MariaDB")
      ? []
      : [`alter user 'root'@'localhost' identified by '${password}'`]),
  ];
  await writeFile(file, lines.map((line) => `${line};\n`).join(""), { mode: 0o600 });
  await giveTo(runAs, file);
  return file;
}
