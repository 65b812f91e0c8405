import { randomUUID } from "node:crypto";
import { type Comm, type CommMessage, comm, onceClosed } from "../comm.ts";
import { markHandle } from "../handle.ts";
import { createPace } from "../pace.ts";
import { type Place, placeHere } from "../place.ts";
import { isPlainObject } from "../property.ts";
import { requireHandler } from "./names.ts";
import { forgetModel, registerModel } from "./registry.ts";
import { createWaiters } from "./waiters.ts";
import { type BufferPath, type Bytes, type Encoded, encode, joinState, putBuffers } from "./wire.ts";

/** A state by its names on the wire. */
export type State = Record<string, unknown>;

/** Called when a part of a state has changed, whoever changed it. */
export type ChangeHandler<T> = (value: T, old: T) => unknown;

/** Called with a message of the front end's `model.send(content, callbacks, buffers)`. */
export type MessageHandler = (content: unknown, buffers: readonly Uint8Array[]) => unknown;

/** A model of the Jupyter widgets' protocol: a state that the kernel and the front end share. */
export interface Model {
  readonly id: string;
  readonly closed: boolean;
  get(name: string): unknown;
  /** Changes parts of the state together. */
  set(changes: Readonly<State>): void;
  /** Adds a handler of a part's changes; what it prints belongs to the cell that adds it. Returns what takes it away. */
  on(name: string, handler: ChangeHandler<unknown>): () => void;
  /** Resolves at the part's next change; rejects when the model is closed. */
  next(name: string): Promise<unknown>;
  /** Tells those who wait under this name of an event that is no part of the state. */
  wake(name: string): void;
  /** The part's values as they change; the newest only, where they change faster than the loop turns. */
  changes(name: string): AsyncIterableIterator<unknown>;
  onMessage(handler: MessageHandler): () => void;
  send(content: unknown, buffers?: readonly Bytes[]): void;
  /** Takes the model's views off the page. */
  close(): void;
}

/** What a model may have beside its state. */
export interface ModelOptions {
  /** Mends or refuses a change before it is made. Returns what is to be changed. */
  readonly check?: (changes: Readonly<State>, state: Readonly<State>) => Readonly<State>;
}

/** Version of the protocol that the messages follow. */
const protocolVersion = "2.1.0";

// A loop that sets a value a million times must not send a million messages; a person sees no more than this.
const updateMs = 40;

interface Listener {
  readonly place: Place;
  readonly handler: (...args: never) => unknown;
}

/** Creates a model and tells the front end of it. */
export function createModel(initial: Readonly<State>, { check = (changes) => changes }: ModelOptions = {}): Model {
  const state: State = { ...initial };
  const encoded = new Map<string, Encoded>();
  for (const [name, value] of Object.entries(state)) encoded.set(name, encode(value, name));
  const listeners = new Map<string, Set<Listener>>();
  const messageListeners = new Set<Listener>();
  const waiters = createWaiters();
  const unsent = new Set<string>();
  const pace = createPace(updateMs, sendUnsent);
  let closed = false;

  const channel = openChannel();
  const id = channel?.id ?? randomUUID().replaceAll("-", "");
  registerModel(id, () => joinState(encoded));

  function openChannel(): Comm | undefined {
    if (!comm.available) return undefined;
    const { json, paths, buffers } = joinState(encoded);
    const data = { state: json, buffer_paths: paths };
    const opened = comm.open("jupyter.widget", data, { buffers, metadata: { version: protocolVersion } });
    opened.onMessage(receive);
    onceClosed(opened, end);
    return opened;
  }

  /** Either side has closed it, or all were closed together. */
  function end(): void {
    closed = true;
    pace.cancel();
    forgetModel(id);
    waiters.end();
  }

  function sendState(method: "update" | "echo_update", values: Iterable<readonly [string, Encoded]>): void {
    const { json, paths, buffers } = joinState(values);
    channel?.send({ method, state: json, buffer_paths: paths }, { buffers });
  }

  function sendUnsent(): void {
    sendState(
      "update",
      Array.from(unsent, (name) => [name, encoded.get(name)!] as const),
    );
    unsent.clear();
  }

  function flush(): void {
    if (unsent.size > 0) pace.now();
  }

  /** Makes changes; returns the names of what is different now. */
  function assign(changes: Readonly<State>): { name: string; value: unknown; old: unknown }[] {
    // Everything that may be wrong is found before anything is changed.
    const parts = Object.entries(changes).map(([name, value]) => ({ name, value, made: encode(value, name) }));
    return parts.flatMap(({ name, value, made }) => {
      const old = state[name];
      const before = encoded.get(name);
      state[name] = value;
      encoded.set(name, made);
      return before && isSame(before, made) ? [] : [{ name, value, old }];
    });
  }

  function tell(changed: readonly { name: string; value: unknown; old: unknown }[]): Promise<unknown> {
    const calls = changed.flatMap(({ name, value, old }) => {
      waiters.wake(name, value);
      return Array.from(listeners.get(name) ?? [], (listener) => call(listener, value, old));
    });
    return Promise.all(calls);
  }

  function receive({ data, buffers }: CommMessage): unknown {
    if (data["method"] === "request_state") return sendState("update", encoded);
    if (data["method"] === "custom") {
      return Promise.all(Array.from(messageListeners, (listener) => call(listener, data["content"], buffers)));
    }
    if (data["method"] === "update" && isPlainObject(data["state"])) {
      return take(data["state"], (data["buffer_paths"] ?? []) as BufferPath[], buffers);
    }
    return undefined;
  }

  /** Takes a change of the front end. It is echoed, so that other pages of the same notebook follow. */
  function take(
    sent: Readonly<State>,
    paths: readonly BufferPath[],
    buffers: readonly Uint8Array[],
  ): Promise<unknown> | undefined {
    const got: State = structuredClone(sent);
    putBuffers(got, paths, buffers, state);
    const known = Object.fromEntries(Object.entries(got).filter(([name]) => encoded.has(name)));
    const names = Object.keys(known);
    if (names.length === 0) return undefined;
    const wanted = new Map(names.map((name) => [name, encode(known[name], name)]));
    sendState("echo_update", wanted);
    const changed = assignOrUndo(known);
    // What was mended is different from what that page shows.
    for (const [name, value] of wanted) if (!isSame(value, encoded.get(name)!)) unsent.add(name);
    for (const { name } of changed) if (!wanted.has(name)) unsent.add(name);
    flush();
    return tell(changed);
  }

  /** Makes changes of the front end; where they are refused, the page gets back what it had. */
  function assignOrUndo(known: Readonly<State>): ReturnType<typeof assign> {
    try {
      return assign(check(known, state));
    } catch (error) {
      for (const name of Object.keys(known)) unsent.add(name);
      flush();
      throw error;
    }
  }

  return {
    id,
    get closed() {
      return closed;
    },
    get: (name) => state[name],
    set(changes) {
      if (closed) throw new Error("this widget was closed; make a new one");
      const changed = assign(check(changes, state));
      for (const { name } of changed) unsent.add(name);
      if (channel && unsent.size > 0) pace.request();
      void tell(changed);
    },
    on(name, handler) {
      requireHandler(handler, `w.on("${name}", (now, old) => console.log(old, now))`);
      const all = listeners.get(name) ?? new Set();
      listeners.set(name, all);
      return addTo(all, { place: placeHere(), handler });
    },
    next: (name) => (closed ? Promise.reject(waiters.closedError()) : waiters.next(name)),
    wake: (name) => waiters.wake(name, undefined),
    changes: (name) => waiters.changes(name, () => closed),
    onMessage(handler) {
      requireHandler(handler, "w.onMessage((content, buffers) => console.log(content))");
      return addTo(messageListeners, { place: placeHere(), handler });
    },
    send(content, buffers = []) {
      flush();
      channel?.send({ method: "custom", content: encode(content, "content").json }, { buffers });
    },
    close() {
      if (closed) return;
      flush();
      if (channel) channel.close();
      else end();
    },
  };
}

function addTo(all: Set<Listener>, listener: Listener): () => void {
  all.add(listener);
  return markHandle(() => void all.delete(listener));
}

function call({ place, handler }: Listener, ...args: readonly unknown[]): Promise<void> {
  return place.run(() => Reflect.apply(handler, undefined, args) as unknown);
}

/** Compares values by what is sent of them. Bytes may have changed in place: they always count as different. */
function isSame(one: Encoded, other: Encoded): boolean {
  if (one.buffers.length > 0 || other.buffers.length > 0) return false;
  return one.json === other.json || JSON.stringify(one.json) === JSON.stringify(other.json);
}
