import type { Readable, Writable } from "node:stream";

/** JSON-RPC with the framing of the Language Server Protocol. */
export interface Rpc {
  /** Resolves with the answer; rejects with the server's error, or once the connection is closed. */
  request<T>(method: string, params: unknown): Promise<T>;
  notify(method: string, params: unknown): void;
  /** Rejects what is still waiting; `why` is the end of a sentence. */
  close(why: string): void;
}

/** The other side has ended before it answered. */
export class RpcEnded extends Error {
  override readonly name = "RpcEnded";
  constructor(why: string) {
    super(`the language server has ended: ${why}`);
  }
}

interface Incoming {
  readonly id?: number | string;
  readonly method?: string;
  readonly params?: unknown;
  readonly result?: unknown;
  readonly error?: { readonly code: number; readonly message: string };
}

interface Waiting {
  resolve(value: unknown): void;
  reject(error: Error): void;
}

const headEnd = "\r\n\r\n";

/** Speaks over a pair of streams; `answer` gives the result of what the other side asks. */
export function createRpc(
  input: Readable,
  output: Writable,
  answer: (method: string, params: unknown) => unknown,
): Rpc {
  const waiting = new Map<number, Waiting>();
  let lastId = 0;
  let closed: string | undefined;

  function write(message: object): void {
    const body = Buffer.from(JSON.stringify({ jsonrpc: "2.0", ...message }));
    if (closed === undefined)
      output.write(Buffer.concat([Buffer.from(`Content-Length: ${body.length}${headEnd}`), body]));
  }

  function take({ id, method, params, result, error }: Incoming): void {
    if (method !== undefined) {
      if (id !== undefined) write({ id, result: answer(method, params) ?? null });
      return;
    }
    const entry = waiting.get(Number(id));
    waiting.delete(Number(id));
    if (error) entry?.reject(new Error(`the language server says: ${error.message}`));
    else entry?.resolve(result);
  }

  input.on("data", createDecoder(take));
  return {
    request: <T>(method: string, params: unknown) =>
      new Promise<T>((resolve, reject) => {
        if (closed !== undefined) return reject(new RpcEnded(closed));
        const id = (lastId += 1);
        waiting.set(id, { resolve, reject });
        write({ id, method, params });
      }),
    notify: (method, params) => write({ method, params }),
    close(why) {
      closed = why;
      for (const { reject } of waiting.values()) reject(new RpcEnded(why));
      waiting.clear();
    },
  };
}

function createDecoder(take: (message: Incoming) => void): (chunk: Buffer) => void {
  let rest: Buffer = Buffer.alloc(0);
  return (chunk) => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    for (;;) {
      const at = rest.indexOf(headEnd);
      if (at < 0) return;
      const length = Number(/content-length: *(\d+)/i.exec(rest.toString("latin1", 0, at))?.[1]);
      const end = at + headEnd.length + length;
      if (!(rest.length >= end)) return;
      const body = rest.toString("utf8", at + headEnd.length, end);
      rest = rest.subarray(end);
      take(JSON.parse(body) as Incoming);
    }
  };
}
