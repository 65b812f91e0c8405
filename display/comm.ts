/** A value that JSON can say, as an object: what a comm's messages carry beside their buffers. */
export type CommData = Readonly<Record<string, unknown>>;

/** A message of the front end. */
export interface CommMessage {
  readonly data: CommData;
  readonly metadata: CommData;
  readonly buffers: readonly Uint8Array[];
}

/** What may go with a message to the front end. */
export interface CommOptions {
  /** Bytes, sent as they are beside the JSON. */
  readonly buffers?: readonly (ArrayBufferLike | ArrayBufferView)[] | undefined;
  readonly metadata?: CommData | undefined;
}

/** Called for a message of the front end. What it prints and throws belongs to that message; its promise is awaited. */
export type CommHandler = (message: CommMessage) => unknown;

/** Called when the front end opens a comm of a registered target. */
export type CommTargetHandler = (comm: Comm, message: CommMessage) => unknown;

/** A connection between code of the notebook and its counterpart in the front end. */
export interface Comm {
  readonly id: string;
  /** The name by which the other side knows what to do with it. */
  readonly target: string;
  /** True once either side has closed it: what is sent from then on is dropped. */
  readonly closed: boolean;
  /** Sends a message; throws a TypeError where `data` is no object that JSON can say. */
  send(data: CommData, options?: CommOptions): void;
  /** Closes both sides. The handlers of `onClose` are not called: they are for the front end's closing. */
  close(data?: CommData, options?: CommOptions): void;
  /** Adds a handler of messages; returns what takes it away again. */
  onMessage(handler: CommHandler): () => void;
  /** Adds a handler for the closing by the front end; returns what takes it away again. */
  onClose(handler: CommHandler): () => void;
}

/** The comms of a process: the runtime has them, a plain Node program has none. */
export interface Comms {
  /** Opens a comm with its counterpart in the front end; `id` is made up unless given. */
  open(target: string, data?: CommData, options?: CommOptions & { readonly id?: string }): Comm;
  /** Says what to do when the front end opens a comm with this target; returns what takes it away again. */
  registerTarget(target: string, handler: CommTargetHandler): () => void;
  /** Finds an open comm. */
  get(id: string): Comm | undefined;
  /** Closes every open comm. */
  closeAll(): void;
}

/** What is to be done once a comm is closed. */
const endings = new WeakMap<Comm, () => void>();

/**
 * Calls back when a comm is closed by either side, or with all others; one callback for each comm, for what is built on
 * it. `onClose` is for the front end's closing only.
 */
export function onceClosed(closing: Comm, callback: () => void): void {
  endings.set(closing, callback);
}

/** Says that a comm is closed now; called by the runtime. */
export function noteClosed(closing: Comm): void {
  endings.get(closing)?.();
  endings.delete(closing);
}

let host: Comms | undefined;

/** Gives the process its comms; called once by the runtime. */
export function setComms(comms: Comms): void {
  host = comms;
}

function needHost(): Comms {
  if (host) return host;
  throw new Error(
    "a comm needs a front end: run this in a notebook's cell. `comm.available` tells whether there is one.",
  );
}

/** Comms as code uses them. */
export interface CommApi extends Comms {
  /** False in a plain Node program, where nothing can be opened. */
  readonly available: boolean;
}

/**
 * Messages between code of the notebook and its front end, in Jupyter's comm protocol:
 * `comm.open("target", { … })` reaches the front end's registered target, and `comm.registerTarget` waits for its comms.
 */
export const comm: CommApi = {
  get available() {
    return host !== undefined;
  },
  open: (...args) => needHost().open(...args),
  registerTarget: (...args) => needHost().registerTarget(...args),
  get: (id) => host?.get(id),
  closeAll: () => host?.closeAll(),
};
