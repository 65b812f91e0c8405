/** A display that can be shown anew in its place, also from later cells. */
export interface DisplayHandle {
  readonly id: string;
  /** Shows another value in place of this one. */
  update(value: unknown): void;
  /** Empties the place. */
  clear(): void;
}

const handles = new WeakSet<object>();

/** Marks a handle, so that a cell which ends in `display(…)` does not show the handle as its result too. */
export function markHandle<T extends object>(handle: T): T {
  handles.add(handle);
  return handle;
}

/** True for what `display` returned, and for another object that has shown itself already. */
export function isHandle(value: object): boolean {
  return handles.has(value);
}
