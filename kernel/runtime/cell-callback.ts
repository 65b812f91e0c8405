import { type RunningCell, cellStorage } from "./interrupts.ts";

type Callback = (this: unknown, ...args: unknown[]) => unknown;

// An error that leaves a callback leaves the callback's cell too, before anybody says that nobody has caught it.
const throwers = new WeakMap<object, RunningCell>();

/** The cell whose callback threw an error, where that was called from another cell's code. */
export function throwerOf(error: unknown): RunningCell | undefined {
  return typeof error === "object" && error !== null ? throwers.get(error) : undefined;
}

/** Calls a function as code of `cell`. Other AsyncLocalStorage of the user stays as the caller has it. */
export function callIn(cell: RunningCell, callback: Callback, self: unknown, args: readonly unknown[]): unknown {
  if (cellStorage.getStore() === cell) return Reflect.apply(callback, self, args);
  return cellStorage.run(cell, () => {
    try {
      return Reflect.apply(callback, self, args);
    } catch (error) {
      if (typeof error === "object" && error !== null) throwers.set(error, cell);
      throw error;
    }
  });
}
