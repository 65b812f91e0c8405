import { describe, expect, test } from "vitest";
import { decodeReply } from "../../../magics/redis/reply.ts";
import { toTable } from "../../../magics/redis/rows.ts";
import { anyRows, shapeReply } from "../../../magics/redis/shape.ts";

const decode = (raw: unknown, more = {}): unknown => decodeReply(raw, { name: "cache", ...more });

describe("a reply as a value", () => {
  test("texts, bytes, integers, floats and nil", () => {
    expect(decode(Buffer.from("Ä"))).toBe("Ä");
    expect(decode(Buffer.from([255]))).toEqual(new Uint8Array([255]));
    expect(decode(Buffer.from("a"), { bytes: true })).toEqual(new Uint8Array([97]));
    expect(decode("9007199254740991")).toBe(9007199254740991);
    expect(decode("9223372036854775807")).toBe(9223372036854775807n);
    expect(decode("9007199254740992", { isFloat: true })).toBe(9007199254740992);
    expect(decode("-inf")).toBe(-Infinity);
    expect(decode("nan")).toBeNaN();
    expect(decode(null)).toBeNull();
  });

  test("maps are objects, whatever their fields are called", () => {
    const raw = Object.fromEntries([["__proto__", Buffer.from("x")]]);
    const value = decode(raw) as object;
    expect(Object.keys(value)).toEqual(["__proto__"]);
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
  });
});

const shape = async (command: string, reply: unknown, any = false): Promise<unknown> => {
  const [name = "", ...args] = command.split(" ");
  const rows = (any ? anyRows : shapeReply)(name, args, reply as never);
  return rows && (await toTable(rows)).toArray().map((row) => row?.toJSON() as unknown);
};

describe("a reply as a table", () => {
  test("scores, in both protocols' forms", async () => {
    const rows = [
      { member: "a", score: 1 },
      { member: "b", score: Infinity },
    ];
    expect(await shape("ZRANGE z 0 -1 withscores", [["a", 1], ["b", Infinity]])).toEqual(rows); // prettier-ignore
    expect(await shape("ZRANGE z 0 -1 WITHSCORES", ["a", "1", "b", "inf"])).toEqual(rows);
    expect(await shape("ZPOPMIN z", ["a", 1])).toEqual(rows.slice(0, 1));
    expect(await shape("ZRANGE z 0 -1", ["a", "b"])).toBeUndefined();
  });

  test("a score is floating-point whatever the values are", async () => {
    const rows = shapeReply("zrange", ["z", "0", "-1", "WITHSCORES"], [["a", 1]])!;
    expect(String((await toTable(rows)).schema.fields[1])).toBe("score: Float64");
  });

  test("entries of streams have a column for each field", async () => {
    const entries = [
      ["1-0", ["f", "x", "id", "7"]],
      ["2-0", ["g", "y"]],
    ];
    expect(await shape("XRANGE s - +", entries)).toEqual([
      { id: "1-0", f: "x", "fields.id": "7", g: null },
      { id: "2-0", f: null, "fields.id": null, g: "y" },
    ]);
    expect(await shape("XREAD STREAMS s 0", { s: entries.slice(1) })).toEqual([{ stream: "s", id: "2-0", g: "y" }]);
    expect(await shape("XREAD STREAMS s 0", [["s", entries.slice(1)]])).toEqual([{ stream: "s", id: "2-0", g: "y" }]);
    expect(await shape("XREAD STREAMS s $", null)).toBeUndefined();
  });

  test("lists of records", async () => {
    expect(await shape("XINFO GROUPS s", [{ name: "g", lag: 2 }])).toEqual([{ name: "g", lag: 2n }]);
    expect(await shape("CLIENT LIST", "id=1 name=\nid=2 name=x\n")).toEqual([
      { id: "1", name: "" },
      { id: "2", name: "x" },
    ]);
    expect(await shape("INFO", "# Server\r\nredis_version:7.0\r\n")).toEqual([
      { section: "Server", name: "redis_version", value: "7.0" },
    ]);
  });

  test("any reply, where a table is asked for", async () => {
    expect(await shape("LRANGE l 0 -1", ["a", 1, null], true)).toEqual([
      { value: "a" },
      { value: "1" },
      { value: null },
    ]);
    expect(await shape("HGETALL h", { a: "1" }, true)).toEqual([{ field: "a", value: "1" }]);
    expect(await shape("GET k", null, true)).toEqual([]);
    expect(await shape("INCR k", 5, true)).toEqual([{ value: 5n }]);
  });
});
