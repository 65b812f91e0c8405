import type { Db, MongoClient, MongoClientOptions } from "mongodb";
import type { Connection } from "../connections/kinds.ts";
import { driverUrl, readOptions } from "../connections/options.ts";
import type { Target } from "../connections/target.ts";
import { untilAborted } from "../abort.ts";
import { loadDriver } from "./driver.ts";
import { toMongoError } from "./failure.ts";
import { stopAtInterrupt } from "./interrupts.ts";

/** A connection to a MongoDB server or cluster; the driver pools and reconnects. */
export interface MongoConnection extends Connection {
  /** Connects at its first call. Rejects with a MagicError that says what to do. */
  client(signal: AbortSignal): Promise<MongoClient>;
  /** The database of this name, or of the URL. */
  database(signal: AbortSignal, name?: string): Promise<Db>;
}

/** The database where the URL names none, as the MongoDB shell has it. */
const usualDatabase = "test";

/** Makes the connection of a target; it connects at its first use. */
export async function openMongo(target: Target): Promise<MongoConnection> {
  const options = readOptions(target);
  let connecting: Promise<MongoClient> | undefined;
  let state: Connection["state"] = "idle";

  async function connect(): Promise<MongoClient> {
    const { MongoClient: Client } = await loadDriver();
    const opened = new Client(driverUrl(target), clientOptions(options));
    hideSecrets(opened, target);
    opened.on("serverHeartbeatSucceeded", () => void (state = "open"));
    opened.on("serverHeartbeatFailed", () => void (state = "lost"));
    try {
      await opened.connect();
    } catch (error) {
      connecting = undefined;
      state = "idle";
      await opened.close();
      throw error;
    }
    stopAtInterrupt(opened);
    state = "open";
    return opened;
  }

  async function client(signal: AbortSignal): Promise<MongoClient> {
    try {
      return await untilAborted(signal, (connecting ??= connect()));
    } catch (error) {
      throw signal.aborted ? error : toMongoError(error, target);
    }
  }

  const connection: MongoConnection = {
    target,
    get state() {
      return state;
    },
    client,
    database: async (signal, name) => (await client(signal)).db(name ?? options.database ?? usualDatabase),
    async ping(signal) {
      const opened = await client(signal);
      try {
        const admin = opened.db("admin");
        const { version } = await untilAborted(signal, admin.command({ buildInfo: 1 }));
        // Unlike the question for the version, this one needs a login where the server wants one.
        await untilAborted(signal, isAllowed(opened.db(options.database ?? usualDatabase)));
        return `MongoDB ${String(version)}`;
      } catch (error) {
        throw signal.aborted ? error : toMongoError(error, target);
      }
    },
    async close() {
      const closing = connecting;
      connecting = undefined;
      state = "idle";
      await closing?.then(
        (opened) => opened.close(),
        () => {}, // it said so to whoever asked for it
      );
    },
  };
  return connection;
}

async function isAllowed(database: Db): Promise<void> {
  const cursor = database.listCollections({}, { nameOnly: true, authorizedCollections: true });
  await cursor.next();
  await cursor.close();
}

function clientOptions(options: ReturnType<typeof readOptions>): MongoClientOptions {
  const { connectTimeoutMs, poolMax, idleMs, tls } = options;
  return {
    appName: "typhoon",
    serverSelectionTimeoutMS: connectTimeoutMs,
    connectTimeoutMS: connectTimeoutMs,
    maxPoolSize: poolMax,
    maxIdleTimeMS: idleMs,
    ...(tls && {
      tls: true,
      rejectUnauthorized: tls.mode === "verify",
      ...(tls.ca !== undefined && { ca: tls.ca }),
      ...(tls.cert !== undefined && { cert: tls.cert }),
      ...(tls.key !== undefined && { key: tls.key }),
      ...(tls.servername !== undefined && { servername: tls.servername }),
    }),
  };
}

const inspectSymbol = Symbol.for("nodejs.util.inspect.custom");

/** The driver keeps URL and password in the open: they are not to be seen where a client is shown. */
function hideSecrets(client: MongoClient, { where }: Target): void {
  for (const name of ["s", "options", "driverInfoList", "mongoLogger"])
    if (Object.hasOwn(client, name)) Object.defineProperty(client, name, { enumerable: false });
  const shown = (object: object, text: string): void =>
    void Object.defineProperty(object, inspectSymbol, { configurable: true, value: () => text });
  shown(client, `MongoClient { ${where} }`);
  // Sessions and pools have them too, and they are frozen.
  const { credentials } = client.options;
  if (credentials) shown(Object.getPrototypeOf(credentials) as object, "MongoCredentials { ········ }");
}
