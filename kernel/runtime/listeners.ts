import { EventEmitter } from "node:events";
import { callIn } from "./cell-callback.ts";
import { type RunningCell, cellStorage } from "./interrupts.ts";
import { replace } from "./replace.ts";

// A listener belongs to the cell that added it, whoever emits. Async context tells only who emits.

type Listener = (this: unknown, ...args: unknown[]) => unknown;
type Add = (this: EventEmitter, type: string | symbol, listener: unknown) => EventEmitter;

/** Makes listeners and callbacks without a context of their own run as code of the cell that added them. */
export function keepListenersInTheirCells(): void {
  patchEmitters();
  patchEventTargets();
  patchFinalization();
}

/** Adds `listener`, as Node's own `once` wrappers have it: `off`, `listeners` and `listenerCount` look through it. */
type Wrapper = Listener & { listener: Listener; [wrapped]: true };

const wrapped = Symbol("typhoon.listener");

// Plain properties: a WeakSet would make adding a listener three times as slow.
function wrap(listener: Listener, call: Listener): Wrapper {
  const wrapper = call as Wrapper;
  wrapper.listener = listener;
  wrapper[wrapped] = true;
  return wrapper;
}

/** The cell for which a listener is to be wrapped. */
function cellFor(listener: unknown): RunningCell | undefined {
  return typeof listener === "function" && !(wrapped in listener) ? cellStorage.getStore() : undefined;
}

function inCell(cell: RunningCell, listener: Listener): Wrapper {
  return wrap(listener, function (this: unknown, ...args) {
    return callIn(cell, listener, this, args);
  });
}

/** A listener for one event; not made of `inCell` and Node's wrapper, as Node looks through one wrapper only. */
function onceInCell(cell: RunningCell, emitter: EventEmitter, type: string | symbol, listener: Listener): Wrapper {
  let fired = false;
  const wrapper = wrap(listener, function (this: unknown, ...args) {
    if (fired) return undefined;
    fired = true;
    emitter.removeListener(type, wrapper);
    return callIn(cell, listener, this, args);
  });
  return wrapper;
}

function patchEmitters(): void {
  const prototype = EventEmitter.prototype as unknown as Record<string, Add>;
  const { addListener, prependListener, once, prependOnceListener } = prototype;
  const adder = (original: Add): Add =>
    function (type, listener) {
      const cell = cellFor(listener);
      return original.call(this, type, cell ? inCell(cell, listener as Listener) : listener);
    };
  const onceAdder = (original: Add, add: "on" | "prependListener"): Add =>
    function (type, listener) {
      const cell = cellFor(listener);
      if (!cell) return original.call(this, type, listener);
      // By the emitter's own method: a stream's `on` also starts its flow.
      return this[add](type, onceInCell(cell, this, type, listener as Listener));
    };
  replace(prototype, "addListener", adder(addListener!));
  prototype["on"] = prototype["addListener"]!;
  replace(prototype, "prependListener", adder(prependListener!));
  replace(prototype, "once", onceAdder(once!, "on"));
  replace(prototype, "prependOnceListener", onceAdder(prependOnceListener!, "prependListener"));
}

type TargetListener = Listener | { handleEvent(event: unknown): unknown };
type TargetMethod = (this: EventTarget, type: unknown, listener: unknown, options?: unknown) => void;
interface TargetWrapper {
  cell: RunningCell;
  readonly call: Listener;
}

const added = new WeakMap<EventTarget, Map<string, WeakMap<object, TargetWrapper>>>();

/** What a target tells registrations apart by, beside the listener. */
function keyOf(type: unknown, options: unknown): string {
  const capture = typeof options === "object" && options !== null ? Reflect.get(options, "capture") : options;
  return `${capture ? "capture" : ""}:${String(type)}`;
}

function isTargetListener(listener: unknown): listener is TargetListener {
  return typeof listener === "function" || (typeof listener === "object" && listener !== null);
}

/** The wrapper of a listener: the same at each registration, so that a target takes it once, as it does with listeners. */
function targetWrapper(target: EventTarget, key: string, listener: TargetListener, cell: RunningCell): Listener {
  const byKey = added.get(target) ?? new Map<string, WeakMap<object, TargetWrapper>>();
  added.set(target, byKey);
  const byListener = byKey.get(key) ?? new WeakMap<object, TargetWrapper>();
  byKey.set(key, byListener);
  const known = byListener.get(listener);
  if (known) {
    known.cell = cell;
    return known.call;
  }
  const wrapper: TargetWrapper = {
    cell,
    call(this: unknown, ...args) {
      return typeof listener === "function"
        ? callIn(wrapper.cell, listener, this, args)
        : callIn(wrapper.cell, (event) => listener.handleEvent(event), listener, args);
    },
  };
  byListener.set(listener, wrapper);
  return wrapper.call;
}

function patchEventTargets(): void {
  const prototype = EventTarget.prototype as unknown as Record<
    "addEventListener" | "removeEventListener",
    TargetMethod
  >;
  const { addEventListener, removeEventListener } = prototype;
  replace(prototype, "addEventListener", function (type, listener, options) {
    const cell = cellStorage.getStore();
    const taken =
      cell && isTargetListener(listener) ? targetWrapper(this, keyOf(type, options), listener, cell) : listener;
    addEventListener.call(this, type, taken, options);
  } satisfies TargetMethod);
  replace(prototype, "removeEventListener", function (type, listener, options) {
    const wrapper = isTargetListener(listener) ? added.get(this)?.get(keyOf(type, options))?.get(listener) : undefined;
    if (wrapper) removeEventListener.call(this, type, wrapper.call, options);
    removeEventListener.call(this, type, listener, options); // it may have been added where no cell ran
  } satisfies TargetMethod);
}

/** The garbage collector calls back without any context. */
function patchFinalization(): void {
  const { prototype } = FinalizationRegistry;
  globalThis.FinalizationRegistry = new Proxy(FinalizationRegistry, {
    construct(target, [callback, ...rest]: unknown[], newTarget) {
      const cell = cellFor(callback);
      const taken = cell ? inCell(cell, callback as Listener) : callback;
      return Reflect.construct(target, [taken, ...rest], newTarget) as object;
    },
  });
  prototype.constructor = globalThis.FinalizationRegistry;
}
