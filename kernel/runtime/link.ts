import { deserialize, serialize } from "node:v8";
import type { ErrorContent, Payload, StreamName, UserExpression } from "../protocol/contents.ts";
import type { SettingName } from "../settings.ts";

/**
 * The file descriptors between the kernel process and the runtime process. 1 and 2 are pipes for output below JavaScript.
 * The runtime writes `out` synchronously, so that a flood in a loop is seen while it runs.
 */
export const descriptors = { out: 3, requests: 4, inspector: 5 } as const;

/** What a front end says of the cell that it sends. */
export interface CellPlace {
  /** The cell's id in the notebook; a cell that runs again has the same. */
  readonly id?: string;
  readonly tags: readonly string[];
}

/** Kernel to runtime, read by its main thread. */
export type ToRuntime =
  | {
      readonly type: "run";
      /** Names the cell for output and interrupts: a number that no other has. */
      readonly cell: string;
      readonly code: string;
      /** What traces call the cell: `In[3]`. */
      readonly name: string;
      readonly silent: boolean;
      readonly userExpressions: Readonly<Record<string, string>>;
      readonly allowStdin: boolean;
      readonly place?: CellPlace;
    }
  /** A message of the front end to a comm. */
  | {
      readonly type: "comm";
      /** Names what its handlers do, as a cell's id names what the cell does. */
      readonly cell: string;
      readonly kind: "comm_open" | "comm_msg" | "comm_close";
      readonly id: string;
      readonly target: string;
      readonly data: Readonly<Record<string, unknown>>;
      readonly metadata: Readonly<Record<string, unknown>>;
      readonly buffers: readonly Uint8Array[];
    }
  /** Rejects the awaits of these cells, whose subshell is deleted; other code that runs is left alone. */
  | { readonly type: "cancel"; readonly cells: readonly string[] }
  /** Ends the cells and handlers that run, or were about to. */
  | Interrupt
  | { readonly type: "inherited"; readonly place: InheritedPlace }
  /** The last message, where the kernel process itself ends the runtime and then what is left of its group. */
  | { readonly type: "stop" }
  | { readonly type: "input"; readonly id: number; readonly value: string | undefined }
  | { readonly type: "history"; readonly id: number; readonly entries: readonly PastCell[] };

/** The local socket on which the kernel process reads what children of the runtime print. */
export interface InheritedPlace {
  readonly path: string;
  /** Shown by whoever connects. */
  readonly token: string;
  /** True where the kernel process can read a pipe of the runtime's by its descriptor. */
  readonly readsPipes: boolean;
}

/** An interrupt, which goes to both threads of the runtime. */
export interface Interrupt {
  readonly type: "interrupt";
  readonly cells: readonly string[];
  /** Grows with each interrupt, so that one is handled once although two threads tell of it. */
  readonly serial: number;
}

/** A cell of the past, as `%history` and the variables of magics see it. */
export interface PastCell {
  readonly session: number;
  readonly count: number;
  readonly source: string;
}

/** An output message that the runtime wants published under a cell. */
export interface Publication {
  readonly type:
    | "stream"
    | "display_data"
    | "update_display_data"
    | "execute_result"
    | "clear_output"
    | "error"
    | "comm_open"
    | "comm_msg"
    | "comm_close";
  readonly content: Readonly<Record<string, unknown>>;
  readonly metadata?: Readonly<Record<string, unknown>>;
  readonly buffers?: readonly Uint8Array[];
}

/** How a cell ended. */
export interface Outcome {
  readonly error?: ErrorContent;
  readonly payload: readonly Payload[];
  readonly userExpressions: Readonly<Record<string, UserExpression>>;
  /** What happened to the notebook's names meanwhile. */
  readonly names?: NameNews;
}

/** Names that cells have declared, for the types of later cells. */
export interface NameNews {
  /** All names were forgotten before these were declared. */
  readonly cleared: boolean;
  /** The name, and its type in words of TypeScript where the value tells what no declaration does. */
  readonly declared: readonly { readonly name: string; readonly type?: string | undefined }[];
  /** Variables that hold something else than was told last, as far as that matters to types: whether there is something, and its type as above. */
  readonly variables?: readonly {
    readonly name: string;
    readonly filled: boolean;
    readonly type?: string | undefined;
  }[];
  /** Globals that user code has made. */
  readonly globals?: readonly string[];
}

/** Runtime's main thread to kernel. */
export type FromRuntime =
  | { readonly type: "ready" }
  /** A cell, or a message to a comm, was read and is about to run. */
  | { readonly type: "begun"; readonly cell: string }
  | ({ readonly cell: string | undefined } & { readonly type: "publish"; readonly publication: Publication })
  | {
      readonly type: "input";
      readonly cell: string;
      readonly id: number;
      readonly prompt: string;
      readonly password: boolean;
      /** True where the main thread waits blocked and the inspector thread takes the answer. */
      readonly blocking: boolean;
    }
  | { readonly type: "history"; readonly id: number; readonly limit: number }
  /** Comms of this target are taken from now on, or no more. */
  | { readonly type: "target"; readonly name: string; readonly known: boolean }
  /** A child is about to write a cell's output to this connection. */
  | {
      readonly type: "connection";
      readonly id: number;
      readonly cell: string;
      readonly name: StreamName;
    }
  /** What children wrote to these connections before now comes before the messages after this one. */
  | { readonly type: "fence"; readonly connections: readonly number[] }
  | { readonly type: "done"; readonly cell: string; readonly outcome: Outcome }
  /** `%config` has changed a setting. */
  | { readonly type: "setting"; readonly name: SettingName; readonly value: string }
  /** For the kernel's log. */
  | { readonly type: "log"; readonly text: string }
  /** What is to be seen in no output from now on: a secret, in each form in which it may stand in a text. */
  | { readonly type: "secret"; readonly forms: readonly string[] }
  /** The program of a magic leads a process group of its own, which ends with this process; or nobody of it is left. */
  | { readonly type: "group"; readonly leader: number; readonly alive: boolean }
  /** The process is about to end in good order, which may take this long. */
  | { readonly type: "closing"; readonly withinMs: number }
  /** What waits for the end under this name begins to close, or has closed. */
  | { readonly type: "close"; readonly name: string; readonly isOpen: boolean }
  /** The last word: code of this cell, if it is known, has called `process.exit(code)`. */
  | { readonly type: "exit"; readonly code: number; readonly cell: string | undefined };

/** A question for the notebook's variables, or for the members of one of them. */
export type VariableQuery =
  | { readonly type: "names" }
  | {
      readonly type: "members";
      readonly reference: number;
      readonly filter: "indexed" | "named" | undefined;
      readonly start: number | undefined;
      readonly count: number | undefined;
    };

/** Kernel to the runtime's inspector thread, which answers while the main thread is busy. */
export type ToInspector =
  | Interrupt
  | { readonly type: "input"; readonly value: string | undefined }
  | {
      readonly type: "complete" | "inspect";
      readonly id: number;
      readonly code: string;
      /** UTF-16 position in `code`. */
      readonly offset: number;
      readonly detail: 0 | 1;
    }
  | { readonly type: "variables"; readonly id: number; readonly query: VariableQuery };

/** The inspector thread's answers, and what the person is to know at once, also while the main thread is busy. */
export type FromInspector =
  | { readonly type: "answer"; readonly id: number; readonly result: unknown }
  | { readonly type: "notice"; readonly text: string };

// A byte that UTF-8 never has, so that text which somebody else writes to our descriptors is known for what it is.
const marker = 0xfe;
const prefixBytes = 5;

/** Makes a frame: the marker, the length of the body as 32 bits, then the body by structured clone. */
export function encodeFrame(message: unknown): Buffer {
  const body = serialize(message);
  const prefix = Buffer.allocUnsafe(prefixBytes);
  prefix[0] = marker;
  prefix.writeUInt32LE(body.length, 1);
  return Buffer.concat([prefix, body]);
}

const streamKinds = { stdout: 1, stderr: 2 } as const; // structured clones begin with 0xFF
const streamHeadBytes = 5;
const noCell = 0xff_ff_ff_ff; // in place of the length of a cell's id

/**
 * Makes the frame of a `publish` message for stream text, five times as fast as a structured clone:
 * kind, length of the cell's id, id, text as UTF-8.
 */
export function encodeStreamFrame(cell: string | undefined, name: StreamName, text: string): Buffer {
  const idBytes = cell === undefined ? 0 : Buffer.byteLength(cell);
  const headBytes = prefixBytes + streamHeadBytes + idBytes;
  const frame = Buffer.allocUnsafe(headBytes + Buffer.byteLength(text));
  frame[0] = marker;
  frame.writeUInt32LE(frame.length - prefixBytes, 1);
  frame[prefixBytes] = streamKinds[name];
  frame.writeUInt32LE(cell === undefined ? noCell : idBytes, prefixBytes + 1);
  if (cell !== undefined) frame.write(cell, prefixBytes + streamHeadBytes);
  frame.write(text, headBytes);
  return frame;
}

const noMessage = Symbol("no message");

function decodeBody(body: Buffer): unknown {
  const kind = body[0];
  if (kind !== streamKinds.stdout && kind !== streamKinds.stderr) {
    try {
      return deserialize(body);
    } catch {
      return noMessage;
    }
  }
  if (body.length < streamHeadBytes) return noMessage;
  const idBytes = body.readUInt32LE(1);
  const textAt = streamHeadBytes + (idBytes === noCell ? 0 : idBytes);
  const name = kind === streamKinds.stdout ? "stdout" : "stderr";
  return {
    type: "publish",
    cell: idBytes === noCell ? undefined : body.toString("utf8", streamHeadBytes, textAt),
    publication: { type: "stream", content: { name, text: body.toString("utf8", textAt) } },
  } satisfies FromRuntime;
}

/**
 * Returns a function that takes bytes as they arrive and gives each whole frame's message to `take`. Bytes that are no
 * frame are told to `damaged`; what comes after them cannot be read and is dropped.
 */
export function createFrameDecoder(
  take: (message: unknown) => void,
  damaged: () => void = () => {},
): (chunk: Buffer) => void {
  let chunks: Buffer[] = [];
  let sizeBytes = 0;
  let wantedBytes = 1;
  let lost = false;
  const keep = (rest: Buffer): void => {
    wantedBytes = rest.length >= prefixBytes ? prefixBytes + rest.readUInt32LE(1) : rest.length + 1;
    chunks = rest.length > 0 ? [rest] : [];
    sizeBytes = rest.length;
  };
  const lose = (): void => {
    lost = true;
    damaged();
  };
  return (chunk) => {
    if (lost) return;
    chunks.push(chunk);
    sizeBytes += chunk.length;
    if (sizeBytes < wantedBytes) return;
    let rest = chunks.length === 1 ? chunk : Buffer.concat(chunks, sizeBytes);
    keep(rest);
    while (rest.length > 0) {
      if (rest[0] !== marker) return lose();
      if (rest.length < prefixBytes) break;
      const endAt = prefixBytes + rest.readUInt32LE(1);
      if (rest.length < endAt) break;
      const body = rest.subarray(prefixBytes, endAt);
      rest = rest.subarray(endAt);
      // Before `take`, which may throw or be ended by an interrupt, without `finally`: a frame is taken once.
      keep(rest);
      const message = decodeBody(body);
      if (message === noMessage) return lose();
      take(message);
    }
  };
}
