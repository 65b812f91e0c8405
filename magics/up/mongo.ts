import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { MongoClient } from "mongodb";
import { installPython } from "./install-python.ts";
import { loopback } from "./ports.ts";
import type { Recipe, Server, ServerProcess } from "./recipe.ts";
import { tlsParameters } from "./tls.ts";

const version = "0.7.0b3";

/** A server that speaks MongoDB's protocol: SecantusDB of PyPI, as MongoDB's own is in no package registry. */
export const mongo: Recipe = {
  name: "mongo",
  title: "SecantusDB (MongoDB API)",
  hasTls: true,
  async install(host) {
    const python = await installPython("secantusdb", version, `installing SecantusDB ${version}`, host);
    return { version, dataVersion: version, programs: { python } };
  },
  async start(server) {
    // Named, so that it looks for none elsewhere; read only at its start.
    await writeFile(join(server.folder, "secantusd.toml"), "");
    // It takes its first user only from those who need not log in.
    return programs(server, !server.isNew);
  },
  async ready(server) {
    await withClient(server, (client) => client.db("admin").command({ ping: 1 }));
  },
  async complete(server) {
    const { user, password } = server;
    await withClient(server, (client) =>
      client.db("admin").command({ createUser: user, pwd: password, roles: ["root"] }),
    );
    return programs(server, true);
  },
  url: (server) => address(server, tlsParameters(server.tls)),
};

function programs(server: Server, auth: boolean): readonly ServerProcess[] {
  const { folder, data, ports, tls, installed } = server;
  const options = {
    config: join(folder, "secantusd.toml"),
    host: loopback,
    port: String(ports[0]),
    "storage-path": data,
    "cache-size": "256M",
    "log-level": "WARNING",
    ...(tls && { "tls-cert-file": tls.cert, "tls-key-file": tls.key }),
  };
  const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, value]);
  const main = ["-c", "import sys; from secantus.cli import main; sys.exit(main())"];
  const command = installed.programs["python"]!;
  return [{ name: "mongo", command, args: [...main, ...args, ...(auth ? ["--auth"] : [])], cwd: folder }];
}

function address({ user, password, ports }: Server, parameters: string): string {
  return `mongodb://${user}:${password}@${loopback}:${ports[0]}/${parameters}`;
}

/** Opens a connection without a login, does work, and closes it. Anybody may ask for a ping. */
async function withClient(server: Server, work: (client: MongoClient) => Promise<unknown>): Promise<void> {
  const { MongoClient: Client } = await import("mongodb");
  const { ports, tls } = server;
  const client = new Client(`mongodb://${loopback}:${ports[0]}/?directConnection=true`, {
    serverSelectionTimeoutMS: 500, // the caller asks again
    ...(tls && { tls: true, tlsCAFile: tls.ca }),
  });
  try {
    await client.connect();
    await work(client);
  } finally {
    await client.close();
  }
}
