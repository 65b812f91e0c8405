import { afterAll, beforeAll } from "vitest";
import { serverNames } from "../../magics/up/state.ts";
import { type Up, type UpOptions, startServer } from "../../magics/up/start.ts";
import { recordLogin } from "./whole-suite.ts";
import { stopServer } from "../../magics/up/stop.ts";

/** A real server of a test file. What it says is known once the tests run. */
export interface TestServer {
  readonly name: string;
  /** With the password. */
  readonly url: string;
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  /** The server's version: `18.4`. */
  readonly version: string;
  /** The main process of the server; after a restart another. */
  readonly pid: number;
  /** The main processes of all its nodes. */
  readonly pids: readonly number[];
  /** Path of the authority's certificate, where the server was started with TLS. */
  readonly ca: string | undefined;
  /** Stops the server and starts it again, with the same port, password and data. */
  restart(): Promise<void>;
  /** Stops the server until `restart`. */
  stop(): Promise<void>;
}

const never = new AbortController().signal;
let count = 0;

/**
 * Starts a server as `typhoon up NAME` does, with empty data of its own, for the tests of this file or `describe`; it is gone
 * after them. Other test files and the user's own servers are not touched.
 */
export function withServer(recipe: string, options: Pick<UpOptions, "tls"> = {}): TestServer {
  const name = `test-${recipe}-${process.pid}-${(count += 1)}`;
  let up: Up | undefined;
  const running = (): Up["server"] => {
    if (!up) throw new Error(`${recipe} runs only while tests and hooks do`);
    return up.server;
  };
  const start = async (port?: number): Promise<void> => {
    const asker = { signal: never, who: "tests", say: () => {}, step: quiet };
    up = await startServer(recipe, { ...options, name, port }, asker);
    recordLogin({ user: up.server.user, password: up.server.password() });
  };
  beforeAll(async () => {
    await removeLeft();
    await start();
  }, installMs);
  afterAll(() => stopServer(name, never, true), stopMs);
  return {
    name,
    get url() {
      return running().url();
    },
    get host() {
      return running().host;
    },
    get port() {
      return running().port;
    },
    get user() {
      return running().user;
    },
    get password() {
      return running().password();
    },
    get version() {
      return running().version;
    },
    get pid() {
      return running().pids[0]!;
    },
    get pids() {
      return running().pids;
    },
    get ca() {
      return running().ca;
    },
    async restart() {
      const { port } = running();
      await stopServer(name, never);
      await start(port);
    },
    async stop() {
      await stopServer(name, never);
    },
  };
}

/** A first run downloads the server. */
const installMs = 300_000;
const stopMs = 30_000;

const quiet = <T>(_: string, __: string, work: () => Promise<T>): Promise<T> => work();

/** Deletes the data of test runs that were killed. */
async function removeLeft(): Promise<void> {
  for (const name of serverNames()) {
    const pid = Number(/^test-.*-(\d+)-\d+$/.exec(name)?.[1] ?? 0);
    if (pid > 0 && !isAlive(pid)) await stopServer(name, never, true);
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
