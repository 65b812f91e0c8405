import { displaySymbol, type Displayable } from "../mimebundle.ts";
import { inspect } from "node:util";
import { markModel } from "./wire.ts";

/** Media type by which a front end draws a model (Jupyter widgets, "display"). */
const viewMime = "application/vnd.jupyter.widget-view+json";

/** Lets an object show itself as the view of a model, and as words where widgets are not drawn. */
export function asView<T extends { readonly closed: boolean }>(
  object: T,
  id: string,
  describe: () => string,
): T & Displayable {
  markModel(object, id);
  const show = (): Record<string, unknown> => {
    const words = { "text/plain": describe() };
    if (object.closed) return { "text/plain": `${words["text/plain"]} (closed)` };
    return { [viewMime]: { version_major: 2, version_minor: 0, model_id: id }, ...words };
  };
  // Not in the way where the object is listed.
  Object.defineProperty(object, displaySymbol, { value: show });
  Object.defineProperty(object, inspect.custom, { value: describe });
  return object as T & Displayable;
}

/** Makes an object whose properties are parts of a state. */
export function accessors(
  names: readonly string[],
  get: (name: string) => unknown,
  set: (name: string, value: unknown) => void,
): Record<string, unknown> {
  const made = {};
  for (const name of names) {
    Object.defineProperty(made, name, {
      enumerable: true,
      get: () => get(name),
      set(value: unknown) {
        set(name, value);
      },
    });
  }
  // Where it is inspected, values say more than `[Getter/Setter]`.
  Object.defineProperty(made, inspect.custom, { value: () => ({ ...made }) });
  // A misspelt name throws instead of being kept where nobody looks.
  return Object.preventExtensions(made);
}
