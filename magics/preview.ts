import { inspect, types } from "node:util";

const maxChars = 80;
const mostItems = 6;

/** Names the type of a value: `string`, `Array(3)`, or its class. Runs none of the value's code, unlike `constructor.name`. */
export function typeOf(value: unknown): string {
  if (value === null || typeof value !== "object") return value === null ? "null" : typeof value;
  if (types.isProxy(value)) return "object";
  return Array.isArray(value) ? `Array(${value.length})` : className(value);
}

/** Shows a value in one line of at most 80 characters. Runs none of its code: no getter, no trap, no method. */
export function preview(value: unknown): string {
  const line = show(value).replaceAll(/\s+/g, " ");
  return line.length > maxChars ? `${line.slice(0, maxChars - 1)}…` : line;
}

/** The rows and columns of a table, by its own properties alone. */
function tableSize(value: object): { readonly rows: number; readonly columns: number } | undefined {
  if (types.isProxy(value)) return undefined;
  const [numRows, numCols] = [read(value, "numRows"), read(value, "numCols")];
  if (typeof numRows === "number" && typeof numCols === "number") return { rows: numRows, columns: numCols };
  // An Arrow table counts by getters what its batches hold.
  const batches = read(value, "batches");
  const fields = read(read(value, "schema"), "fields");
  if (!isArray(batches) || !isArray(fields)) return undefined;
  let rows = 0;
  for (let i = 0; i < batches.length; i++) {
    const length = read(read(read(batches, i), "data"), "length");
    if (typeof length !== "number") return undefined;
    rows += length;
  }
  return { rows, columns: fields.length };
}

/** Reads an own property that is a plain value; undefined for a getter, a proxy, and what has none. */
export function read(value: unknown, key: PropertyKey): unknown {
  if (!isObject(value) || types.isProxy(value)) return undefined;
  try {
    return Object.getOwnPropertyDescriptor(value, key)?.value;
  } catch {
    return undefined; // a module's export that has no value yet
  }
}

function isArray(value: unknown): value is readonly unknown[] {
  return !types.isProxy(value) && Array.isArray(value);
}

/** Says whether a value can have members. */
export function isObject(value: unknown): value is object {
  return (typeof value === "object" && value !== null) || typeof value === "function";
}

/** The entries of a Map or the members of a Set, by the language's own iteration. */
export function entriesOf(value: Map<unknown, unknown> | Set<unknown>): Iterator<[unknown, unknown]> {
  return types.isMap(value) ? Map.prototype.entries.call(value) : Set.prototype.entries.call(value);
}

/** The size of a Map or Set, whatever the value's class says. */
export function sizeOf(value: object): number {
  const { prototype } = types.isMap(value) ? Map : Set;
  return Reflect.get(prototype, "size", value);
}

function className(value: object): string {
  let at: unknown = value;
  for (let depth = 0; depth < 20 && isObject(at) && !types.isProxy(at); depth++) {
    const name = read(read(at, "constructor"), "name");
    if (typeof name === "string" && name !== "") return name;
    at = Object.getPrototypeOf(at) as unknown;
  }
  return "Object";
}

function show(value: unknown): string {
  if (!isObject(value)) return primitive(value);
  if (types.isProxy(value)) return proxy(value);
  if (typeof value === "function") return functionText(value);
  const size = tableSize(value);
  if (size) return `${size.rows.toLocaleString("en")} rows × ${size.columns}`;
  if (types.isDate(value)) return dateText(value);
  if (types.isRegExp(value)) return regexText(value);
  if (types.isNativeError(value)) return errorText(value);
  if (types.isBoxedPrimitive(value)) return className(value);
  if (Array.isArray(value)) return list("[", arrayItems(value), value.length, "]");
  if (types.isTypedArray(value)) return typedText(value);
  if (types.isMap(value) || types.isSet(value)) {
    return `${className(value)}(${sizeOf(value)}) ${list("{", entryItems(value), sizeOf(value), "}")}`;
  }
  const keys = ownKeys(value);
  const members = list("{", memberItems(value, keys), keys.length, "}");
  const name = className(value);
  if (Object.getPrototypeOf(value) === null)
    return types.isModuleNamespaceObject(value) ? `module ${members}` : members;
  return name === "Object" ? members : keys.length === 0 ? name : `${name} ${members}`;
}

function primitive(value: unknown): string {
  const short = typeof value === "string" && value.length > 2 * maxChars ? value.slice(0, 2 * maxChars) : value;
  return inspect(short, { maxStringLength: maxChars, breakLength: Infinity });
}

function proxy(value: object): string {
  // Deeper than it may go, the inspection looks at neither the target nor the handler.
  return inspect(value, { showProxy: true, depth: -1 }).startsWith("<Revoked") ? "<Revoked Proxy>" : "Proxy";
}

function functionText(value: object): string {
  const name = read(value, "name");
  const shown = typeof name === "string" && name !== "" ? `: ${name}` : " (anonymous)";
  const source = Function.prototype.toString.call(value);
  if (source.startsWith("class")) {
    const parent = read(Object.getPrototypeOf(value), "name");
    const title = typeof name === "string" && name !== "" ? name : "(anonymous)";
    return `[class ${title}${typeof parent === "string" && parent !== "" ? ` extends ${parent}` : ""}]`;
  }
  const kind = types.isAsyncFunction(value) ? "AsyncFunction" : "Function";
  return `[${types.isGeneratorFunction(value) ? "GeneratorFunction" : kind}${shown}]`;
}

function dateText(value: Date): string {
  const time = Date.prototype.getTime.call(value);
  return Number.isNaN(time) ? "Invalid Date" : new Date(time).toISOString();
}

function regexText(value: RegExp): string {
  const part = (name: string): string => String(Reflect.get(RegExp.prototype, name, value));
  // `flags` would ask the value for each flag.
  const flags = ["hasIndices", "global", "ignoreCase", "multiline", "dotAll", "unicode", "unicodeSets", "sticky"];
  const letters = "dgimsuvy";
  return `/${part("source")}/${flags.map((flag, i) => (part(flag) === "true" ? letters[i] : "")).join("")}`;
}

function errorText(value: Error): string {
  const message = read(value, "message");
  return typeof message === "string" && message !== "" ? `${className(value)}: ${message}` : className(value);
}

const typedArray = Object.getPrototypeOf(Uint8Array.prototype) as object;

/** The length of a typed array, whatever its class says. */
export function typedLength(value: object): number {
  return Reflect.get(typedArray, "length", value) as number;
}

function typedText(value: NodeJS.TypedArray): string {
  const length = typedLength(value);
  const items = Array.from({ length: Math.min(length, mostItems) }, (_, i) => primitive(value[i]));
  return `${className(value)}(${length}) ${list("[", items, length, "]")}`;
}

function arrayItems(value: readonly unknown[]): readonly string[] {
  return Array.from({ length: Math.min(value.length, mostItems) }, (_, i) => brief(descriptorOf(value, String(i))));
}

function entryItems(value: Map<unknown, unknown> | Set<unknown>): readonly string[] {
  const items: string[] = [];
  const entries = entriesOf(value);
  for (let next = entries.next(); next.done !== true && items.length < mostItems; next = entries.next()) {
    const [key, member] = next.value;
    items.push(types.isMap(value) ? `${briefValue(key)} => ${briefValue(member)}` : briefValue(member));
  }
  return items;
}

function memberItems(value: object, keys: readonly string[]): readonly string[] {
  return keys.slice(0, mostItems).map((key) => {
    const name = /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(key) ? key : primitive(key);
    return `${name}: ${brief(descriptorOf(value, key))}`;
  });
}

/** The names of an object's own enumerable properties. */
export function ownKeys(value: object): readonly string[] {
  try {
    return Object.keys(value);
  } catch {
    // A module's export that has no value yet.
    return Reflect.ownKeys(value).filter((key) => typeof key === "string");
  }
}

/** How an own property is defined; runs no getter. */
export function descriptorOf(value: object, key: string): PropertyDescriptor | undefined {
  try {
    return Object.getOwnPropertyDescriptor(value, key);
  } catch {
    return { value: undefined, enumerable: true };
  }
}

function brief(descriptor: PropertyDescriptor | undefined): string {
  if (descriptor === undefined) return "<empty>";
  if (descriptor.get) return descriptor.set ? "[Getter/Setter]" : "[Getter]";
  return descriptor.set ? "[Setter]" : briefValue(descriptor.value);
}

/** A member: a primitive or a function as it is, an object by its class. */
function briefValue(value: unknown): string {
  if (!isObject(value) || types.isProxy(value) || typeof value === "function") return show(value);
  if (types.isDate(value) || types.isRegExp(value) || types.isNativeError(value)) return show(value);
  return `[${Array.isArray(value) ? "Array" : className(value)}]`;
}

function list(open: string, items: readonly string[], count: number, close: string): string {
  const rest = count - items.length;
  const all = rest > 0 ? [...items, `... ${rest} more`] : items;
  return all.length === 0 ? open + close : `${open} ${all.join(", ")} ${close}`;
}
