import { entryRows, streamRows } from "./entries.ts";
import { isList, isRecord, type Reply } from "./reply.ts";
import { fromRecords, type Rows, toRows } from "./rows.ts";

/** Gives the rows that a command's reply is by nature, or undefined where it is a value. `args` are in their order, as text. */
export function shapeReply(name: string, args: readonly string[], reply: Reply): Rows | undefined {
  const command = name.toLowerCase();
  const shape = shapes[command];
  if (shape) {
    const rows = shape(
      reply,
      args,
      args.map((arg) => arg.toUpperCase()),
    );
    if (rows) return rows;
  }
  // Lists of the same things, as XINFO GROUPS and MODULE LIST.
  if (isList(reply) && reply.length > 0 && reply.every(isFlatRecord)) return fromRecords(reply);
  return undefined;
}

/** Makes rows of any reply: of one that has none by nature, a column `value`, or `field` and `value`. */
export function anyRows(name: string, args: readonly string[], reply: Reply): Rows {
  const rows = shapeReply(name, args, reply);
  if (rows) return rows;
  if (isList(reply)) return toRows([["value", reply]]);
  if (isRecord(reply))
    return toRows([
      ["field", Object.keys(reply)],
      ["value", Object.values(reply)],
    ]);
  return toRows([["value", reply === null ? [] : [reply]]]);
}

const floats = ["distance", "longitude", "latitude"];

type Shape = (reply: Reply, args: readonly string[], words: readonly string[]) => Rows | undefined;

const scores: Shape = (reply, _, words) => (words.includes("WITHSCORES") ? pairs(reply, "member", "score") : undefined);
const popped: Shape = (reply) => pairs(reply, "member", "score");
const geo: Shape = (reply, _, words) => geoRows(reply, words);
const entries: Shape = (reply, _, words) => (words.includes("JUSTID") || !isList(reply) ? undefined : entryRows(reply));

const shapes: Readonly<Record<string, Shape>> = {
  ...Object.fromEntries(
    "zrange zrevrange zrangebyscore zrevrangebyscore zinter zunion zdiff zrandmember"
      .split(" ")
      .map((key) => [key, scores]),
  ),
  ...Object.fromEntries(
    "geosearch georadius georadius_ro georadiusbymember georadiusbymember_ro".split(" ").map((key) => [key, geo]),
  ),
  ...Object.fromEntries("xrange xrevrange xclaim".split(" ").map((key) => [key, entries])),
  zpopmin: popped,
  zpopmax: popped,
  xread: streamRows,
  xreadgroup: streamRows,
  hrandfield: (reply, _, words) => (words.includes("WITHVALUES") ? pairs(reply, "field", "value") : undefined),
  geopos: (reply, [, ...members]) =>
    toRows(
      [
        ["member", members],
        ["longitude", coordinates(reply, 0)],
        ["latitude", coordinates(reply, 1)],
      ],
      floats,
    ),
  xpending: (reply, args) => (args.length > 2 ? columnsOf(reply, ["id", "consumer", "idle", "deliveries"]) : undefined),
  slowlog: (reply, _, [word]) => {
    if (word !== "GET") return undefined;
    const lines = isList(reply) ? reply.map((line) => (isList(line) ? line.map(joinCommand) : line)) : reply;
    return columnsOf(lines, ["id", "time", "microseconds", "command", "client", "name"]);
  },
  client: (reply, _, [word]) => (word === "LIST" ? clientRows(reply) : undefined),
  info: infoRows,
};

function isFlatRecord(value: Reply): value is { readonly [key: string]: Reply } {
  return isRecord(value) && Object.values(value).every((item) => !isList(item) && !isRecord(item));
}

/** Pairs, nested as RESP3 has them or flat as RESP2. */
export function pairs(reply: Reply, first: string, second: string): Rows | undefined {
  if (!isList(reply)) return undefined;
  const flat = reply.every(isList) ? reply.flat() : reply;
  const [left, right] = [0, 1].map((rest) => flat.filter((_, i) => i % 2 === rest));
  // RESP2 and ZSCAN write scores as text.
  const isScore = second === "score";
  return toRows(
    [
      [first, left!],
      [second, isScore ? right!.map(toScore) : right!],
    ],
    isScore ? [second] : [],
  );
}

function toScore(value: Reply): Reply {
  if (typeof value !== "string") return value;
  return /^[+-]?inf$/.test(value) ? (value.startsWith("-") ? -Infinity : Infinity) : Number(value);
}

function columnsOf(reply: Reply, names: readonly string[]): Rows | undefined {
  if (!isList(reply) || !reply.every(isList)) return undefined;
  return toRows(names.map((name, i) => [name, reply.map((row) => row[i] ?? null)]));
}

function joinCommand(value: Reply): Reply {
  return isList(value) ? value.map((word) => (typeof word === "string" ? word : "…")).join(" ") : value;
}

function coordinates(reply: Reply, axis: 0 | 1): (Reply | undefined)[] {
  if (!isList(reply)) return [];
  return reply.map((place) => (isList(place) ? Number(place[axis]) : null));
}

function geoRows(reply: Reply, words: readonly string[]): Rows | undefined {
  const extra = ["WITHDIST", "WITHHASH", "WITHCOORD"].filter((word) => words.includes(word));
  if (extra.length === 0 || !isList(reply)) return undefined;
  const rows = reply.filter(isList);
  const columns: [string, (Reply | undefined)[]][] = [["member", rows.map(([member]) => member)]];
  for (const [i, word] of extra.entries()) {
    const column = rows.map((row) => row[i + 1] ?? null);
    if (word === "WITHDIST") columns.push(["distance", column.map(Number)]);
    else if (word === "WITHHASH") columns.push(["hash", column]);
    else columns.push(["longitude", coordinates(column, 0)], ["latitude", coordinates(column, 1)]);
  }
  return toRows(columns, floats);
}

function clientRows(reply: Reply): Rows | undefined {
  if (typeof reply !== "string") return undefined;
  const lines = reply.split("\n").filter((line) => line !== "");
  return fromRecords(lines.map((line) => Object.fromEntries(line.split(" ").map((word) => splitAt(word, "=")))));
}

function infoRows(reply: Reply): Rows | undefined {
  if (typeof reply !== "string") return undefined;
  let section = "";
  const found: { section: string; name: string; value: string }[] = [];
  for (const line of reply.split(/\r?\n/)) {
    if (line.startsWith("#")) section = line.slice(1).trim();
    else if (line.includes(":")) {
      const [name, value] = splitAt(line, ":");
      found.push({ section, name, value });
    }
  }
  return fromRecords(found);
}

function splitAt(text: string, mark: string): [string, string] {
  const at = text.indexOf(mark);
  return at < 0 ? [text, ""] : [text.slice(0, at), text.slice(at + 1)];
}
