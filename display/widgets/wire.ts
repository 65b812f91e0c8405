import { isObject } from "../property.ts";

/** Where a buffer belongs in a state: keys and positions from the outside in. */
export type BufferPath = readonly (string | number)[];

/** Bytes as a program holds them. */
export type Bytes = ArrayBufferLike | ArrayBufferView;

/** A value, or a whole state, as the widgets' protocol sends it: JSON, and bytes beside it. */
export interface Encoded<T = unknown> {
  readonly json: T;
  readonly paths: readonly BufferPath[];
  readonly buffers: readonly Bytes[];
}

const referencePrefix = "IPY_MODEL_";
const modelIds = new WeakMap<object, string>();

/** Notes that inside a state this object stands for a model. */
export function markModel(object: object, id: string): void {
  modelIds.set(object, id);
}

/** Whether an object stands for a model: it is a widget. */
export function isModel(value: unknown): value is object {
  return typeof value === "object" && value !== null && modelIds.has(value);
}

/** Writes the reference by which one model's state names another. */
export function referenceTo(id: string): string {
  return `${referencePrefix}${id}`;
}

/** Makes of a value what can be sent. Throws a TypeError that names the part which cannot. */
export function encode(value: unknown, name: string): Encoded {
  const paths: BufferPath[] = [];
  const buffers: Bytes[] = [];
  const above = new Set<object>();

  function walk(item: unknown, path: BufferPath): unknown {
    if (isBytes(item)) {
      paths.push(path);
      buffers.push(item);
      return removed;
    }
    if (typeof item === "bigint" || typeof item === "function" || typeof item === "symbol") {
      const advice = typeof item === "bigint" ? "; make it a number or a string" : "";
      throw new TypeError(`${[name, ...path].join(".")} is a ${typeof item}, which JSON cannot say${advice}`);
    }
    if (typeof item !== "object" || item === null) return item;
    const id = modelIds.get(item);
    if (id !== undefined) return referenceTo(id);
    if ("toJSON" in item && typeof item.toJSON === "function") return item.toJSON() as unknown;
    if (above.has(item)) throw new TypeError(`${[name, ...path].join(".")} contains itself`);
    above.add(item);
    const made = walkInto(item, path);
    above.delete(item);
    return made;
  }

  function walkInto(item: object, path: BufferPath): unknown {
    if (Array.isArray(item)) {
      return item.map((part: unknown, at) => {
        const made = walk(part, [...path, at]);
        return made === removed ? null : (made ?? null);
      });
    }
    const tag = Object.prototype.toString.call(item).slice(8, -1);
    if (tag === "Map" || tag === "Set") {
      throw new TypeError(`${[name, ...path].join(".")} is a ${tag}: make it an ${tag === "Map" ? "object" : "array"}`);
    }
    const entries = Object.entries(item).map(([key, part]) => [key, walk(part, [...path, key])] as const);
    return Object.fromEntries(entries.filter(([, part]) => part !== removed && part !== undefined));
  }

  const json = walk(value, []);
  return { json, paths, buffers };
}

const removed = Symbol("bytes");

/** Joins the values of a state. */
export function joinState(values: Iterable<readonly [string, Encoded]>): Encoded<Record<string, unknown>> {
  const parts: [string, unknown][] = [];
  const paths: BufferPath[] = [];
  const buffers: Bytes[] = [];
  for (const [name, value] of values) {
    if (value.json !== removed) parts.push([name, value.json ?? null]);
    paths.push(...value.paths.map((path) => [name, ...path]));
    buffers.push(...value.buffers);
  }
  return { json: Object.fromEntries(parts), paths, buffers };
}

/**
 * Puts a message's buffers back into its state. Bytes become what stands in their place in `present`:
 * a Float32Array stays one; where there is nothing alike, they are a Uint8Array.
 */
export function putBuffers(
  state: Record<string, unknown>,
  paths: readonly BufferPath[],
  buffers: readonly Uint8Array[],
  present: Readonly<Record<string, unknown>>,
): void {
  for (const [at, path] of paths.entries()) {
    const bytes = buffers[at];
    const last = path.at(-1);
    if (!bytes || last === undefined) continue;
    let holder: unknown = state;
    let model: unknown = present;
    for (const key of path.slice(0, -1)) {
      holder = ownPart(holder, key);
      model = ownPart(model, key);
    }
    if (!isObject(holder)) continue; // the path leads nowhere
    Object.defineProperty(holder, last, {
      value: reviveBytes(bytes, ownPart(model, last)),
      writable: true,
      enumerable: true,
      configurable: true,
    });
  }
}

function ownPart(holder: unknown, key: string | number): unknown {
  return isObject(holder) && Object.hasOwn(holder, key) ? holder[key] : undefined;
}

type ViewConstructor = new (buffer: ArrayBuffer) => ArrayBufferView;

const viewConstructors: Readonly<Record<string, ViewConstructor>> = {
  DataView,
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
};

function reviveBytes(bytes: Uint8Array, like: unknown): Bytes {
  // A copy begins at a multiple of every element's size.
  const { buffer } = bytes.slice();
  const tag = Object.prototype.toString.call(like).slice(8, -1);
  if (tag === "ArrayBuffer") return buffer;
  const View = viewConstructors[tag] ?? Uint8Array;
  const size = "BYTES_PER_ELEMENT" in View ? Number(View.BYTES_PER_ELEMENT) : 1;
  return buffer.byteLength % size === 0 ? new View(buffer) : new Uint8Array(buffer);
}

function isBytes(value: unknown): value is Bytes {
  return ArrayBuffer.isView(value) || /^\[object (?:Shared)?ArrayBuffer\]$/.test(Object.prototype.toString.call(value));
}
