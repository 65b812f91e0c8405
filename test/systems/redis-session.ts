import { afterAll, beforeAll } from "vitest";
import { addConnection, removeConnection } from "../../magics/connections/registry.ts";
import { findRedis } from "../../magics/redis/find.ts";
import type { RedisConnection } from "../../magics/redis/connection.ts";
import { redisMagic } from "../../magics/redis.ts";
import type { Template } from "../../magics/magic.ts";
import { cellCall, createNotebook, lineCall, type TestNotebook } from "../magics/context.ts";
import type { TestServer } from "./servers.ts";

/** `%redis` on a connection of its own. */
export interface RedisSession {
  readonly name: string;
  /** Runs `%redis --on name …`. */
  line(line: string | Template, notebook?: TestNotebook): Promise<unknown>;
  /** Runs `%%redis --on name …`. */
  cell(body: string | Template, options?: string): Promise<unknown>;
  connection(): Promise<RedisConnection>;
}

let count = 0;

/** Connects to a server for the tests of this file or `describe`; `change` changes the server's URL. */
export function withRedis(server: TestServer, change: (url: string) => string = (url) => url): RedisSession {
  const name = `redis${(count += 1)}`;
  beforeAll(async () => void (await addConnection(name, change(server.url), "%connect")));
  afterAll(async () => void (await removeConnection(name)));
  return session(name);
}

/** Connects to a URL for what `work` does. */
export async function onRedis<T>(url: string, work: (session: RedisSession) => Promise<T>): Promise<T> {
  const name = `redis${(count += 1)}`;
  await addConnection(name, url, "%connect");
  try {
    return await work(session(name));
  } finally {
    await removeConnection(name);
  }
}

function session(name: string): RedisSession {
  const on = (line: string | Template): Template => {
    const { strings, values } = typeof line === "string" ? { strings: [line], values: [] } : line;
    const [first = "", ...rest] = strings;
    return { strings: [`--on ${name} ${first}`, ...rest], values };
  };
  const body = (of: string | Template): Template => (typeof of === "string" ? { strings: [of], values: [] } : of);
  return {
    name,
    line: async (line, notebook = createNotebook()) =>
      redisMagic.run(lineCall(on(line), { assigned: true }), notebook.context),
    cell: async (of, options = "") => {
      const call = cellCall(`--on ${name} ${options}`, "", { assigned: true });
      return redisMagic.run({ ...call, body: body(of) }, createNotebook().context);
    },
    connection: () => findRedis(name),
  };
}

/** The rows of an Arrow table. */
export function rowsOf(table: unknown): unknown[] {
  return (table as import("apache-arrow").Table).toArray().map((row: { toJSON(): unknown } | null) => row?.toJSON());
}

/** Does something again and again until a promise is settled. */
export async function whileUnsettled(promise: Promise<unknown>, work: () => Promise<unknown>): Promise<void> {
  const state = { isOver: false };
  const end = (): void => void (state.isOver = true);
  void promise.then(end, end);
  while (!state.isOver) await work();
}
