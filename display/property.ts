/** Anything with properties: an object or a function. */
export type Properties = Readonly<Record<PropertyKey, unknown>>;

/** True for objects and functions, proxies included. */
export function isObject(value: unknown): value is Properties {
  return (typeof value === "object" && value !== null) || typeof value === "function";
}

/** Reads a property of a value from a cell; a getter or proxy that throws reads as undefined. */
export function read(value: unknown, key: PropertyKey): unknown {
  if (!isObject(value)) return undefined;
  try {
    return value[key];
  } catch {
    return undefined;
  }
}

/**
 * Returns a method bound to its object, or undefined.
 * The key must be `in` the object: proxies that answer every `get` with a function have no such method.
 */
export function method(value: unknown, key: PropertyKey): ((...args: unknown[]) => unknown) | undefined {
  if (!isObject(value)) return undefined;
  try {
    const found = key in value ? value[key] : undefined;
    return typeof found === "function" ? (...args) => Reflect.apply(found, value, args) : undefined;
  } catch {
    return undefined;
  }
}

/** True for `{…}` of any realm: an object whose prototype is null or a root prototype. */
export function isPlainObject(value: unknown): value is Properties {
  if (typeof value !== "object" || value === null) return false;
  try {
    const prototype: unknown = Object.getPrototypeOf(value);
    if (!isObject(prototype)) return true;
    return (
      Object.getPrototypeOf(prototype) === null &&
      Object.hasOwn(prototype, "hasOwnProperty") &&
      Object.prototype.toString.call(value) === "[object Object]"
    );
  } catch {
    return false;
  }
}

/** Names an error for a message: `RangeError: text`, also where reading it throws. */
export function describeError(error: unknown): string {
  try {
    if (isObject(error) && "message" in error) return `${String(error.name)}: ${String(error.message)}`;
    return String(error);
  } catch {
    return "an error that cannot be read";
  }
}

/** Writes any value as text by its own `toString`; one that throws is named by its type. */
export function toText(value: unknown): string {
  try {
    return String(value);
  } catch {
    return `[${typeof value}]`;
  }
}
