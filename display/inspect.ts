import { inspect, types } from "node:util";
import { describeError, isObject } from "./property.ts";
import { inspectWith, summarize } from "./summary.ts";
import { clip, formatCounted } from "./text.ts";

/** Bounds of a text inspection: items of a list, keys of an object, characters of a string and of the whole. */
const maxItems = 100;
const maxKeys = 1_000;
const maxString = 10_000;
const maxText = 64 * 1024;

/** How many values `inspect` may visit; a wide value is shown less deep. */
const maxVisits = 5_000;

/** Writes a value as Node's `inspect` does, without colours, bounded in time and size. Never throws. */
export function inspectText(value: unknown): string {
  if (typeof value === "string" && value.length > maxString) return inspectLongString(value);
  try {
    const narrow = withFirstKeys(value);
    const shown: unknown = narrow ? narrow.value : value;
    const summaries = new Map<object, string>();
    const depth = [4, 3, 2, 1].find((levels) => countVisits(shown, levels, maxVisits, summaries) < maxVisits) ?? 0;
    if (depth === 0) countVisits(shown, 0, Infinity, summaries);
    const text = inspectWith(summaries, () =>
      inspect(shown, {
        depth,
        colors: false,
        maxArrayLength: maxItems,
        maxStringLength: depth === 0 ? 200 : maxString,
        breakLength: 100,
      }),
    );
    const more = narrow ? `\n… ${formatCounted(narrow.left, "more key")}` : "";
    return clip(text, maxText) + more;
  } catch (error) {
    return `[${typeof value} that cannot be inspected: ${clip(describeError(error), 1_000)}]`;
  }
}

function inspectLongString(value: string): string {
  const left = value.length - maxString;
  return `${inspect(value.slice(0, maxString))}... ${formatCounted(left, "more character")}`;
}

/** Counts what `inspect` would visit, up to a limit, without running a getter; notes what has a summary. */
function countVisits(value: unknown, levels: number, limit: number, summaries: Map<object, string>): number {
  if (!isObject(value)) return 1;
  if (types.isProxy(value) || summaries.has(value)) return 1;
  const summary = summarize(value);
  if (summary) {
    summaries.set(value, summary.text);
    return 1;
  }
  if (levels < 0 || ArrayBuffer.isView(value)) return 1;
  let count = 1;
  for (const item of firstItems(value, limit)) {
    count += countVisits(item, levels - 1, limit - count, summaries);
    if (count >= limit) return count;
  }
  return count;
}

function* firstItems(value: object, limit: number): Generator {
  if (Array.isArray(value)) {
    yield* value.slice(0, maxItems);
  } else if (types.isMap(value)) {
    yield* firstOf(Map.prototype.entries.call(value));
  } else if (types.isSet(value)) {
    yield* firstOf(Set.prototype.values.call(value));
  } else {
    const keys = Object.keys(value);
    for (const key of keys.slice(0, limit)) yield Object.getOwnPropertyDescriptor(value, key)?.value;
  }
}

function* firstOf(items: Iterable<unknown>): Generator {
  let left = maxItems;
  for (const item of items) {
    if (left-- === 0) return;
    if (Array.isArray(item)) yield* item;
    else yield item;
  }
}

/** `inspect` bounds lists but not keys: an object with very many is shown by a copy that has the first ones. */
function withFirstKeys(value: unknown): { value: object; left: number } | undefined {
  if (!isObject(value) || Array.isArray(value) || ArrayBuffer.isView(value) || types.isProxy(value)) return undefined;
  const keys = Object.keys(value);
  if (keys.length <= maxKeys) return undefined;
  const copy: object = Object.create(Object.getPrototypeOf(value));
  for (const key of keys.slice(0, maxKeys)) {
    const descriptor = Object.getOwnPropertyDescriptor(value, key);
    if (descriptor) Object.defineProperty(copy, key, { ...descriptor, configurable: true });
  }
  return { value: copy, left: keys.length - maxKeys };
}
