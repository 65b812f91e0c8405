import { types } from "node:util";
import { isObject, read } from "../../magics/preview.ts";
import type { Forgotten } from "./module-cache.ts";

/** What a module's version tells once its code has run to its end. */
export interface Evaluated {
  readonly path: string;
  readonly version: number;
  /** The functions and classes that it declares, and what it exports, as they are now. */
  readonly values: () => Readonly<Record<string, unknown>>;
  /** Lives as long as any function of the version does. */
  readonly token: object;
}

/** Where a value comes from: an old version of a file, which called it so. */
export interface Origin {
  readonly path: string;
  /** Undefined for the module itself. */
  readonly name: string | undefined;
}

/** How a value is tied to an old version of a module. */
export type Tie = Origin & { readonly tie: "itself" | "instance" | "subclass" | "holder" };

/** What is known of modules' old versions. */
export interface OldVersions {
  /** A version is in use from now on. */
  add(evaluated: Evaluated): void;
  /** A version is no longer current. */
  retire(path: string, version: number, forgotten: Forgotten): void;
  /** Whether a version was retired since this was asked last. */
  takeNews(): boolean;
  /** Says what a value has of an old version; nothing of the value's code runs. */
  tieOf(value: unknown): Tie | undefined;
  /** The files of which `most` old versions live or more, each told once; `collect` frees what nobody uses. */
  crowded(most: number, collect: () => void): readonly { readonly path: string; readonly count: number }[];
}

const mostElements = 200;
const deepest = 20;

/** Creates the record of a process's old versions; `exportsOf` gives `module.exports` of a CommonJS file that is loaded. */
export function createOldVersions(exportsOf: (path: string) => unknown): OldVersions {
  const current = new Map<string, Evaluated>();
  const origins = new WeakMap<object, Origin>();
  const classes = new WeakMap<object, object>();
  const living = new Map<string, WeakRef<object>[]>();
  const told = new Set<string>();
  let news = false;

  /** What other code shares with a new version, such as a function that both export of a package, is not old. */
  function isCurrent(value: object, { path, name }: Origin): boolean {
    const made = name === undefined ? undefined : current.get(path);
    if (made) return Object.values(made.values()).includes(value);
    const exports = exportsOf(path);
    return exports === value || (isObject(exports) && name !== undefined && read(exports, name) === value);
  }

  function originOf(value: object): Origin | undefined {
    const origin = origins.get(value);
    return origin && !isCurrent(value, origin) ? origin : undefined;
  }

  function directTie(value: unknown): Tie | undefined {
    if (!isObject(value) || types.isProxy(value)) return undefined;
    const origin = originOf(value);
    if (origin) return { ...origin, tie: "itself" };
    let at = Object.getPrototypeOf(value) as unknown;
    for (let depth = 0; depth < deepest && isObject(at) && !types.isProxy(at); depth++) {
      // The prototypes of a class are its parents, those of an instance belong to its classes.
      const found = originOf(typeof value === "function" ? at : (classes.get(at) ?? at));
      if (found) return { ...found, tie: typeof value === "function" ? "subclass" : "instance" };
      at = Object.getPrototypeOf(at) as unknown;
    }
    return undefined;
  }

  function mark(value: unknown, origin: Origin): void {
    if (!isObject(value)) return;
    origins.set(value, origin);
    const prototype = typeof value === "function" ? read(value, "prototype") : undefined;
    if (isObject(prototype)) classes.set(prototype, value);
  }

  return {
    add(evaluated) {
      const { path, token } = evaluated;
      current.set(path, evaluated);
      if (!living.has(path)) living.set(path, []);
      living.get(path)!.push(new WeakRef(token));
    },
    retire(path, version, { namespace, exports }) {
      if (isObject(exports) && !types.isProxy(exports)) {
        mark(exports, { path, name: undefined });
        for (const key in exports) mark(read(exports, key), { path, name: key });
      }
      if (namespace) {
        origins.set(namespace, { path, name: undefined });
        const whole = read(namespace, "default");
        // A default export without a name of its own; any other is among the values below, or only passed on.
        if (typeof whole === "function" && read(whole, "name") === "default") mark(whole, { path, name: "default" });
      }
      const made = current.get(path);
      news = true;
      if (made?.version !== version) return;
      current.delete(path);
      for (const [name, value] of Object.entries(made.values())) mark(value, { path, name });
    },
    takeNews() {
      const had = news;
      news = false;
      return had;
    },
    tieOf(value) {
      const direct = directTie(value);
      if (direct || !isObject(value)) return direct;
      for (const element of elementsOf(value)) {
        const found = directTie(element);
        if (found) return { ...found, tie: "holder" };
      }
      return undefined;
    },
    crowded(most, collect) {
      const many = [...living].filter(([path, versions]) => versions.length > most && !told.has(path));
      if (many.length === 0) return [];
      collect();
      return many.flatMap(([path, versions]) => {
        const alive = versions.filter((version) => version.deref() !== undefined);
        living.set(path, alive);
        const count = alive.length - (current.has(path) ? 1 : 0);
        if (count < most) return [];
        told.add(path);
        return [{ path, count }];
      });
    },
  };
}

/** The first of what a container or a plain object holds, read without its code. */
function* elementsOf(value: object): Generator {
  if (types.isProxy(value)) return;
  let left = mostElements;
  if (types.isMap(value) || types.isSet(value)) {
    const entries = (types.isMap(value) ? Map : Set).prototype.entries.call(value as never) as Iterable<unknown[]>;
    for (const [key, element] of entries) {
      if (left-- <= 0) return;
      yield key;
      yield element;
    }
    return;
  }
  const prototype = Object.getPrototypeOf(value) as unknown;
  if (!Array.isArray(value) && prototype !== Object.prototype && prototype !== null) return;
  for (const key in value) {
    if (left-- <= 0) return;
    yield read(value, key);
  }
}
