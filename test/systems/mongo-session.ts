import type { Table } from "apache-arrow";
import { afterAll, beforeAll } from "vitest";
import { addConnection, openConnection, removeConnection } from "../../magics/connections/registry.ts";
import type { MongoConnection } from "../../magics/mongo/connection.ts";
import { mongoMagic } from "../../magics/mongo.ts";
import type { Template } from "../../magics/magic.ts";
import { cellCall, createNotebook, lineCall, type TestNotebook } from "../magics/context.ts";
import type { TestServer } from "./servers.ts";

/** `%mongo` on a connection of its own. */
export interface MongoSession {
  readonly name: string;
  /** Runs `%mongo name.COLLECTION …`; the text begins with the collection. */
  line(text: string | Template, notebook?: TestNotebook): Promise<unknown>;
  /** Runs `%%mongo name.COLLECTION …` with a body. */
  cell(head: string, body: string | Template, notebook?: TestNotebook): Promise<unknown>;
  connection(): Promise<MongoConnection>;
}

let count = 0;

/** Connects to a server for the tests of this file or `describe`, each time to an empty database of its own. */
export function withMongo(server: TestServer): MongoSession {
  const name = `mongo${(count += 1)}`;
  beforeAll(async () => void (await addConnection(name, databaseUrl(server.url, name), "%connect")));
  afterAll(async () => void (await removeConnection(name)));
  return session(name);
}

/** Puts a database and parameters into the URL of a server. */
export function databaseUrl(url: string, database: string, parameters: Record<string, string> = {}): string {
  const made = new URL(url);
  made.pathname = `/${database}`;
  for (const [key, value] of Object.entries({ authSource: "admin", ...parameters })) made.searchParams.set(key, value);
  return made.href;
}

/** Connects to a URL for what `work` does. */
export async function onMongo<T>(url: string, work: (session: MongoSession) => Promise<T>): Promise<T> {
  const name = `mongo${(count += 1)}`;
  await addConnection(name, url, "%connect");
  try {
    return await work(session(name));
  } finally {
    await removeConnection(name);
  }
}

function session(name: string): MongoSession {
  const template = (text: string | Template): Template =>
    typeof text === "string" ? { strings: [text], values: [] } : text;
  return {
    name,
    async line(text, { context } = createNotebook()) {
      const { strings, values } = template(text);
      const [first = "", ...rest] = strings;
      return mongoMagic.run(lineCall({ strings: [`${name}.${first}`, ...rest], values }), context);
    },
    async cell(head, body, { context } = createNotebook()) {
      return mongoMagic.run({ ...cellCall(`${name}.${head}`, ""), body: template(body) }, context);
    },
    connection: async () => (await openConnection(name)) as MongoConnection,
  };
}

/** The rows of an Arrow table as plain objects. */
export function rowsOf(table: unknown): Record<string, unknown>[] {
  return (table as Table).toArray().map((row: { toJSON(): Record<string, unknown> } | null) => row!.toJSON());
}
