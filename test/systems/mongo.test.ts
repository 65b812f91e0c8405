import type { RecordBatch, Table } from "apache-arrow";
import { tableFromArrays } from "apache-arrow";
import { BSON, type Db } from "mongodb";
import { beforeAll, describe, expect, test } from "vitest";
import { mongo } from "../../magics/mongo/api.ts";
import type { MongoPlan } from "../../magics/mongo/explain.ts";
import { createNotebook, template } from "../magics/context.ts";
import { hostileValues } from "./hostile-values.ts";
import { rowsOf, withMongo } from "./mongo-session.ts";
import { withServer } from "./servers.ts";

const server = withServer("mongo");
const { line, cell, connection, name } = withMongo(server);
const never = new AbortController().signal;

const database = async (): Promise<Db> => (await connection()).database(never);

describe("values", () => {
  test("200 hostile values go in and come out unchanged, as values, items and in filters", async () => {
    expect(hostileValues).toHaveLength(200);
    for (const { name: what, value } of hostileValues) {
      await cell(
        "hostile",
        template`{ insertOne: { value: ${value}, items: [${value}], inner: { value: ${value} } } }`,
      );
      const found = (await cell("hostile", template`{ find: { value: ${value} }, projection: { _id: 0 } }`)) as Table;
      expect([what, found.numRows]).toEqual([what, 1]);
      const bytes = Buffer.from(value);
      expect(found.schema.fields.map(({ type }) => String(type)).slice(0, 2)).toEqual(
        typeof value === "string" ? ["Utf8", "List<Utf8>"] : ["Binary", "List<Binary>"],
      );
      const [column, items, inner] = found.batches[0]!.data.children;
      for (const data of [column!, items!.children[0]!, inner!.children[0]!])
        expect([what, bytes.equals(data.values.subarray(0, data.valueOffsets[1]))]).toEqual([what, true]);
      const [object] = (await cell("hostile --documents", template`{ find: { items: ${value} } }`)) as [
        { value: unknown },
      ];
      const out = typeof value === "string" ? object.value : (object.value as { buffer: Buffer }).buffer;
      expect([what, out]).toEqual([what, typeof value === "string" ? value : bytes]);
      const { deletedCount } = (await cell("hostile", template`{ deleteMany: { "inner.value": ${value} } }`)) as {
        deletedCount: number;
      };
      expect([what, deletedCount]).toEqual([what, 1]);
    }
  });

  test("each type with its extremes goes in as it is written and comes out of the server so", async () => {
    const { Decimal128, Double, Int32, Long, Timestamp } = BSON;
    const values: Record<string, readonly unknown[]> = {
      double: [0.1, -0, 5e-324, 1.7976931348623157e308, Infinity, -Infinity].map((value) => new Double(value)),
      int: [0, -(2 ** 31), 2 ** 31 - 1].map((value) => new Int32(value)),
      long: [Long.MIN_VALUE, Long.MAX_VALUE, Long.fromNumber(1)],
      decimal: ["9999999999999999999999999999999999E-30", "-0.5", "0.000001", "3"].map((text) =>
        Decimal128.fromString(text),
      ),
      bool: [true, false],
      string: ["", "\0", "日本 😀", "x".repeat(100_000)],
      date: [new Date(0), new Date("9999-12-31T23:59:59.999Z"), new Date("0001-01-01T00:00:00Z")],
      objectId: [new BSON.ObjectId("000000000000000000000000"), new BSON.ObjectId("ffffffffffffffffffffffff")],
      uuid: [new BSON.UUID("8c0f2f5e-1111-4222-8333-444455556666")],
      binary: [new BSON.Binary(new Uint8Array(0)), new BSON.Binary(Uint8Array.of(0, 255), 128)],
      timestamp: [new Timestamp({ t: 1, i: 2 }), new Timestamp({ t: 4_294_967_295, i: 4_294_967_295 })],
      regex: [new BSON.BSONRegExp("^a.*\\/$", "im")],
      code: [new BSON.Code("function () { return 1 }")],
      key: [new BSON.MinKey(), new BSON.MaxKey()],
      nothing: [null],
      array: [[], [1, [2, []]]],
      object: [{ a: { b: { c: [1] } } }],
    };
    const db = await database();
    for (const [type, all] of Object.entries(values)) {
      const body = template`{ insertMany: ${all.map((value, _id) => ({ _id, value }))} }`;
      await cell(`types_${type}`, body);
      const raw = await db
        .collection(`types_${type}`)
        .find({}, { raw: true, sort: { _id: 1 } })
        .toArray();
      const wanted = all.map((value, _id) => Buffer.from(BSON.serialize({ _id: new Int32(_id), value })));
      expect([type, ...raw.map((bytes) => Buffer.from(bytes as unknown as Uint8Array))]).toEqual([type, ...wanted]);
      const objects = (await cell(`types_${type} --documents`, "{ find: {}, sort: { _id: 1 } }")) as {
        value: unknown;
      }[];
      expect([type, objects.length]).toEqual([type, all.length]);
    }
    const types = await Promise.all(
      Object.keys(values).map(async (type) => {
        const table = (await cell(`types_${type}`, "{}")) as Table;
        return [type, String(table.schema.fields[1]!.type)];
      }),
    );
    expect(Object.fromEntries(types)).toEqual({
      double: "Float64",
      int: "Int32",
      long: "Int64",
      decimal: "Decimal[38e+30]",
      bool: "Bool",
      string: "Utf8",
      date: "Timestamp<MILLISECOND, UTC>",
      objectId: "Utf8",
      uuid: "Utf8",
      binary: "Binary",
      timestamp: "Struct<{t:Uint32, i:Uint32}>",
      regex: "Utf8",
      code: "Utf8",
      key: "Utf8",
      nothing: "Null",
      array: "List<Utf8>",
      object: "Struct<{a:Struct<{b:Struct<{c:List<Int32>}>}>}>",
    });
  });

  test("a table goes in and comes out with its types", async () => {
    const db = await mongo(name);
    const table = tableFromArrays({
      int: Int32Array.of(1, 2, 3),
      long: BigInt64Array.of(1n, -(2n ** 63n), 2n ** 63n - 1n),
      double: Float64Array.of(1, 0.1, -0),
      text: ["a", "b", "a"],
      at: [new Date(0), new Date(1), new Date(2)],
    });
    expect(await cell("tables", template`{ insertMany: ${table} }`)).toEqual({ acknowledged: true, insertedCount: 3 });
    const found = await db.toArrow(db.collection("tables").find({}, { projection: { _id: 0 } }));
    expect(found.schema.fields.map(({ name: field, type }) => `${field} ${String(type)}`)).toEqual([
      "int Int32",
      "long Int64",
      "double Float64",
      "text Utf8",
      "at Timestamp<MILLISECOND, UTC>",
    ]);
    expect(rowsOf(found)).toEqual([
      { int: 1, long: 1n, double: 1, text: "a", at: 0 },
      { int: 2, long: -(2n ** 63n), double: 0.1, text: "b", at: 1 },
      { int: 3, long: 2n ** 63n - 1n, double: -0, text: "a", at: 2 },
    ]);
    const sparse = tableFromArrays({ a: [1, null], b: ["x", "y"] });
    await db.insertArrow("sparse", sparse, { nulls: "omit" });
    expect(await db.collection("sparse").countDocuments({ a: { $exists: false } })).toBe(1);
  });
});

describe("operations", () => {
  test("find, aggregate, change and count", async () => {
    const run = (body: string): Promise<unknown> => cell("orders", body);
    expect(await run('{ insertOne: { _id: 1, region: "west", value: 3 } }')).toMatchObject({ insertedId: 1 });
    const many = '[{ _id: 2, region: "east", value: 4 }, { _id: 3, region: "west", value: 5, tags: ["a", "b"] }]';
    expect(await run(`{ insertMany: ${many} }`)).toMatchObject({ insertedCount: 2 });
    expect(
      rowsOf(await run("{ find: { value: { $gt: 3 } }, sort: { value: -1 }, projection: { _id: 0, value: 1 } }")),
    ).toEqual([{ value: 5 }, { value: 4 }]);
    expect(
      rowsOf(await run('[{ $group: { _id: "$region", sum: { $sum: "$value" } } }, { $sort: { _id: 1 } }]')),
    ).toEqual([
      { _id: "east", sum: 4 },
      { _id: "west", sum: 8 },
    ]);
    expect(rowsOf(await run("{ region: /^W/i }"))).toHaveLength(2);
    expect(await run("{ findOne: { _id: 2 } }")).toEqual({ _id: 2, region: "east", value: 4 });
    expect(await run("{ findOne: { _id: 9 } }")).toBeNull();
    expect(await run("{ countDocuments: { value: { $gt: 3 } } }")).toBe(2);
    expect(await run("{ estimatedDocumentCount: true }")).toBe(3);
    const regions = (await run('{ distinct: "region", filter: { value: { $lt: 5 } } }')) as string[];
    expect(regions.toSorted()).toEqual(["east", "west"]);
    expect(await run("{ updateOne: { _id: 1 }, update: { $inc: { value: 10 } } }")).toMatchObject({ modifiedCount: 1 });
    expect(await run('{ updateMany: {}, update: [{ $set: { twice: { $multiply: ["$value", 2] } } }] }')).toMatchObject({
      modifiedCount: 3,
    });
    expect(
      await run("{ updateOne: { filter: { _id: 7 }, update: { $set: { value: 1 } }, upsert: true } }"),
    ).toMatchObject({
      upsertedId: 7,
    });
    expect(await run("{ replaceOne: { _id: 7 }, replacement: { value: 2 } }")).toMatchObject({ modifiedCount: 1 });
    expect(
      await run('{ findOneAndUpdate: { _id: 7 }, update: { $set: { value: 3 } }, returnDocument: "after" }'),
    ).toEqual({ _id: 7, value: 3 });
    expect(await run("{ findOneAndReplace: { _id: 7 }, replacement: { value: 4 } }")).toEqual({ _id: 7, value: 3 });
    expect(await run("{ findOneAndDelete: { _id: 7 } }")).toEqual({ _id: 7, value: 4 });
    expect(
      await run("{ bulkWrite: [{ insertOne: { document: { _id: 8 } } }, { deleteOne: { filter: { _id: 8 } } }] }"),
    ).toMatchObject({ insertedCount: 1, deletedCount: 1 });
    expect(await run("{ deleteOne: { _id: 3 } }")).toMatchObject({ deletedCount: 1 });
    expect(await run('{ deleteMany: { region: "west" } }')).toMatchObject({ deletedCount: 1 });
    expect(rowsOf(await line("orders --limit 5"))).toEqual([{ _id: 2, region: "east", value: 4, twice: 8 }]);
    expect(await run("{ drop: true }")).toBe(true);
  });

  test("indexes, and what is there", async () => {
    expect(await line("indexed { createIndex: { a: 1, b: -1 }, unique: true }")).toBe("a_1_b_-1");
    expect(
      rowsOf(await line("indexed { listIndexes: true }", createNotebook()).then(() => listed("indexes", "indexed"))),
    ).toEqual([
      { name: "_id_", keys: '{"_id":1}', unique: false, options: null },
      { name: "a_1_b_-1", keys: '{"a":1,"b":-1}', unique: true, options: null },
    ]);
    await line("indexed { insertOne: { a: 1, b: 1 } }");
    await expect(line("indexed { insertOne: { a: 1, b: 1 } }")).rejects.toMatchObject({
      name: "DuplicateKey",
      message: expect.stringMatching(/dup key.*Change the value, or write \{ updateOne/) as string,
    });
    expect(rowsOf(await listed("collections"))).toContainEqual({ name: "indexed", kind: "collection", documents: 1n });
    expect(rowsOf(await listed("databases")).map(({ name: found }) => found)).toContain(name);
    expect(await line('indexed { dropIndex: "a_1_b_-1" }')).toBeUndefined();
    await expect(line('indexed { dropIndex: "a_1_b_-1" }')).rejects.toThrow(/%mongo indexes/);
  });

  test("a plan says what was examined, and by which index", async () => {
    await cell("plans", template`{ insertMany: ${Array.from({ length: 500 }, (_, _id) => ({ _id, n: _id % 50 }))} }`);
    const without = (await line("plans --explain { n: 3 }")) as MongoPlan;
    expect(without).toMatchObject({ returned: 10, docsExamined: 500, keysExamined: 0, indexes: [] });
    expect(without.plan.label).toBe("COLLSCAN");
    await line("plans { createIndex: { n: 1 } }");
    const by = (await line("plans --explain { n: 3 }")) as MongoPlan;
    expect(by).toMatchObject({ returned: 10, docsExamined: 10, keysExamined: 10, indexes: ["n_1"] });
    expect(by.plan).toMatchObject({ label: "FETCH", children: [{ label: 'IXSCAN n_1 {"n":1}', children: [] }] });
    const group = (await line(
      "plans --explain [{ $match: { n: 3 } }, { $group: { _id: null, s: { $sum: 1 } } }]",
    )) as MongoPlan;
    expect(group.plan.label).toBe("$group");
    expect(group.indexes).toEqual(["n_1"]);
    await expect(line("plans --explain { deleteOne: {} }")).rejects.toThrow("--explain is for find and aggregate");
  });

  test("a collection that is not there is empty, and a note names what was meant", async () => {
    const notebook = createNotebook();
    await line("indexd", notebook);
    expect(notebook.printed("stderr")).toBe(
      `%mongo: the database ${name} has no collection indexd. Did you mean indexed?\n`,
    );
    await expect(line("indexed --limit 2 { deleteOne: {} }")).rejects.toThrow(
      "are for find and aggregate, not for deleteOne",
    );
  });

  /** `%mongo collections name` and its like. */
  async function listed(command: string, collection?: string): Promise<unknown> {
    const { mongoMagic } = await import("../../magics/mongo.ts");
    const path = collection === undefined ? name : `${name}.${collection}`;
    const call = { strings: [`${command} ${path}`], values: [] };
    return mongoMagic.run({ form: "line", line: call, assigned: false, startLine: 1 }, createNotebook().context);
  }
});

describe("streams and schemas", () => {
  beforeAll(async () => {
    await cell("many", template`{ insertMany: ${Array.from({ length: 5_000 }, (_, _id) => ({ _id, n: _id / 2 }))} }`);
  });

  test("a stream gives batches, to its end or until it is left", async () => {
    const sizes: number[] = [];
    for await (const batch of (await line("many --stream")) as AsyncIterable<RecordBatch>) sizes.push(batch.numRows);
    expect(sizes).toEqual([1_000, 4_000]);
    for await (const batch of (await line("many --stream --limit 700")) as AsyncIterable<RecordBatch>)
      expect(batch.numRows).toBe(700);
    for await (const _ of (await line("many --stream { find: {}, batchSize: 1000 }")) as AsyncIterable<RecordBatch>)
      break;
    expect(rowsOf(await line("many --limit 1"))).toEqual([{ _id: 0, n: 0 }]);
  });

  test("a declared schema, by a name, a value, or written there", async () => {
    const notebook = createNotebook({ names: { wanted: { n: "float64" } } });
    const types = async (text: Parameters<typeof line>[0]): Promise<string[]> =>
      ((await line(text, notebook)) as Table).schema.fields.map(({ name: field, type }) => `${field} ${String(type)}`);
    expect(await types("many --schema wanted --limit 3")).toEqual(["n Float64"]);
    expect(await types(template`many --schema ${{ _id: "int64" }} --limit 3 { n: 0 }`)).toEqual(["_id Int64"]);
    expect(await types('many --schema { _id: "int64", n: "json" } { n: 0 }')).toEqual(["_id Int64", "n Utf8"]);
    await expect(line('many --schema { n: "int32" }')).rejects.toThrow(
      /^%mongo: n of the document with _id 1 is a double and no int32/,
    );
    await expect(line("many --schema absent")).rejects.toThrow("--schema absent: there is no variable of that name");
  });

  test("a transaction is kept whole, or not at all", async () => {
    const db = await mongo(name);
    const moved = db.collection<{ _id: string }>("moved");
    const sum = await db.transaction(async (session) => {
      await moved.insertOne({ _id: "kept" }, { session });
      return 2;
    });
    expect(sum).toBe(2);
    const failing = db.transaction(async (session) => {
      await moved.insertOne({ _id: "lost" }, { session });
      expect(await moved.countDocuments({}, { session })).toBe(2);
      throw new RangeError("no");
    });
    await expect(failing).rejects.toThrow(RangeError);
    expect(await moved.distinct("_id")).toEqual(["kept"]);
  });

  test("mongo() gives the driver's database, and tables of its cursors", async () => {
    const db = await mongo(name);
    const table = await db.toArrow(db.collection("many").find({ n: { $lt: 2 } }), { schema: { n: "float32" } });
    expect(rowsOf(table)).toEqual([{ n: 0 }, { n: 0.5 }, { n: 1 }, { n: 1.5 }]);
    const mapped = db
      .collection("many")
      .find({ _id: 1 as never })
      .map(({ n }) => ({ m: n as number }));
    expect(rowsOf(await db.toArrow(mapped))).toEqual([{ m: 0.5 }]);
    expect(rowsOf(await db.toArrow([{ a: 1 }, { a: 2.5 }]))).toEqual([{ a: 1 }, { a: 2.5 }]);
    await expect(db.toArrow([1] as never)).rejects.toThrow("toArrow takes documents");
    await expect(mongo("nobody")).rejects.toThrow(/no connection "nobody"/);
  });
});
