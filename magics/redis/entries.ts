import { isList, isRecord, type Reply, replyText } from "./reply.ts";
import { type Rows, toRows } from "./rows.ts";

/** An entry of a stream. */
export interface Entry {
  readonly id: string;
  readonly fields: Readonly<Record<string, Reply>>;
}

/** Reads a stream's entries; of an entry that is deleted no fields are left. */
export function readEntries(reply: Reply): Entry[] {
  if (!isList(reply)) return [];
  return reply.filter(isList).map(([id, fields]) => {
    const flat = isList(fields) ? fields : [];
    const names = flat.filter((_, i) => i % 2 === 0);
    return {
      id: replyText(id ?? ""),
      fields: Object.fromEntries(names.map((name, i) => [fieldName(name), flat[2 * i + 1] ?? null])),
    };
  });
}

function fieldName(name: Reply): string {
  return ArrayBuffer.isView(name) ? Buffer.from(name).toString("latin1") : replyText(name);
}

/** Reads what XREAD gives: streams with their entries. */
export function readStreams(reply: Reply): { readonly stream: string; readonly entries: Entry[] }[] {
  if (isRecord(reply)) return Object.entries(reply).map(([stream, list]) => ({ stream, entries: readEntries(list) }));
  if (!isList(reply)) return [];
  return reply
    .filter(isList)
    .map(([stream, list]) => ({ stream: replyText(stream ?? ""), entries: readEntries(list ?? null) }));
}

/** Makes rows of the entries of one stream: a column for the id, and one for each field. */
export function entryRows(reply: readonly Reply[]): Rows {
  const read = readEntries(reply);
  return toRows([["id", read.map(({ id }) => id)], ...fieldColumns(read, ["id"])]);
}

/** Makes rows of what XREAD gives. */
export function streamRows(reply: Reply): Rows | undefined {
  if (reply === null) return undefined;
  const all = readStreams(reply).flatMap(({ stream, entries: list }) => list.map((entry) => ({ stream, ...entry })));
  const own: [string, Reply[]][] = [
    ["stream", all.map(({ stream }) => stream)],
    ["id", all.map(({ id }) => id)],
  ];
  return toRows([...own, ...fieldColumns(all, ["stream", "id"])]);
}

/** A column for each field that an entry has; a field that is called as one of ours gets `fields.` before its name. */
function fieldColumns(read: readonly Entry[], own: readonly string[]): [string, (Reply | undefined)[]][] {
  const names = [...new Set(read.flatMap(({ fields }) => Object.keys(fields)))];
  return names.map((name) => [
    own.includes(name) ? `fields.${name}` : name,
    read.map(({ fields }) => (Object.hasOwn(fields, name) ? fields[name] : null)),
  ]);
}
