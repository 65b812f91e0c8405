import { once } from "node:events";
import { createServer } from "node:net";
import { resolve } from "node:path";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type KernelClient, startKernel } from "../../kernel/cli/client.ts";

/** A kernel, and a way to see the heap of its process. */
export interface WatchedKernel {
  readonly kernel: KernelClient;
  /** Folder in which it runs. */
  readonly folder: string;
  /** Bytes of the kernel process's heap after a collection of garbage. */
  heapBytes(): Promise<number>;
  /** Asks the kernel process by the inspector's protocol. */
  inspect(method: string, params?: object, onEvent?: (event: Reported) => void): Promise<unknown>;
}

/** What an inspector sends. */
interface Reported {
  readonly id?: number;
  readonly method?: string;
  readonly params?: Record<string, unknown>;
  readonly result?: unknown;
  readonly error?: { readonly message: string };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, "close");
  return port;
}

/** Starts a kernel whose process has an inspector: it runs no code of users that could be asked for its heap. */
export async function startWatchedKernel(env: NodeJS.ProcessEnv = {}): Promise<WatchedKernel> {
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), "typhoon-soak-"));
  const inspector = [`--inspect=127.0.0.1:${port}`, "--inspect-publish-uid=http"];
  const kernel = await startKernel([process.execPath, ...inspector, resolve("kernel/main.ts"), "{connection_file}"], {
    cwd: folder,
    env: { TYPHOON_HISTORY: join(folder, "history.sqlite"), ...env },
    quiet: true,
  });
  const [target] = (await (await fetch(`http://127.0.0.1:${port}/json/list`)).json()) as [
    { readonly webSocketDebuggerUrl: string },
  ];

  // A connection for each question: one that stays would see everything that the kernel does.
  async function inspect(method: string, params: object = {}, onEvent?: (event: Reported) => void): Promise<unknown> {
    const socket = new WebSocket(target.webSocketDebuggerUrl);
    await once(socket, "open");
    const answer = new Promise<Reported>((done) => {
      socket.addEventListener("message", ({ data }) => {
        const reported = JSON.parse(String(data)) as Reported;
        if (reported.id === 1) done(reported);
        else onEvent?.(reported);
      });
    });
    socket.send(JSON.stringify({ id: 1, method, params }));
    const { result, error } = await answer;
    socket.close();
    if (error) throw new Error(`${method}: ${error.message}`);
    return result;
  }

  return {
    kernel,
    folder,
    inspect,
    async heapBytes() {
      await inspect("HeapProfiler.collectGarbage");
      await inspect("HeapProfiler.collectGarbage");
      return ((await inspect("Runtime.getHeapUsage")) as { usedSize: number }).usedSize;
    },
  };
}
