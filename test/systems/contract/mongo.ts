import type { System } from "./system.ts";

/** MongoDB, by the compatible server that `typhoon up mongo` starts. */
export const mongoSystem: System = {
  title: "MongoDB",
  recipe: "mongo",
  hasTls: true,
  setup: `
import { magic, mongo } from "typhoon-kernel";
const db = await mongo("main");
const other = await mongo("other");
let last = 0;
async function echo(value: string | Uint8Array): Promise<unknown> {
  const _id = ++last as never;
  await db.collection("echoes").insertOne({ _id, value });
  const { value: back } = (await db.collection("echoes").findOne({ _id }))!;
  return typeof back === "string" ? back : back.buffer;
}
const count = () => db.collection("counted").countDocuments();
const add = (n: number) => db.collection("counted").insertOne({ n });
await db.collection("counted").createIndex({ n: 1 });
await db.collection("numbers").insertMany(Array.from({ length: 20_000 }, (_, i) => ({ i })));`,
  stream: {
    rows: 20_000,
    before: "%%mongo main.numbers batches << --stream\n{ find: {}, projection: { _id: 0 } }",
    batches: "batches",
  },
  types: {
    cell: `
const body = \`[{ v: { long: NumberLong("9223372036854775807"), int: NumberInt(-2147483648), double: 5e-324,
  decimal: NumberDecimal("-9.999999999999999999999999999999999E-10"), date: ISODate("9999-12-31T23:59:59.999Z"),
  id: ObjectId("0123456789abcdef01234567"), text: "a😀", yes: true, no: null, list: [1, 2] } }]\`;
await magic("mongo", "main.typed", \`{ insertMany: \${body} }\`);
const table = await db.toArrow(db.collection("typed").find({}, { projection: { _id: 0 } }));
await db.insertArrow("typed_again", table);
const again = await db.toArrow(db.collection("typed_again").find({}, { projection: { _id: 0 } }));
const shown = (t: typeof table) => \`\${t.schema.fields[0]!.type} \${t.getChildAt(0)!.get(0)}\`;
return [shown(table), shown(again)].join("\\n");`,
    result: [
      'Struct<{long:Int64, int:Int32, double:Float64, decimal:Utf8, date:Timestamp<MILLISECOND, UTC>, id:Utf8, text:Utf8, yes:Bool, no:Null, list:List<Int32>}> {"long": 9223372036854775807, "int": -2147483648, "double": 5e-324, "decimal": "-9.999999999999999999999999999999999E-10", "date": 253402300799999, "id": "0123456789abcdef01234567", "text": "a😀", "yes": true, "no": null, "list": [1,2]}',
      'Struct<{long:Int64, int:Int32, double:Float64, decimal:Utf8, date:Timestamp<MILLISECOND, UTC>, id:Utf8, text:Utf8, yes:Bool, no:Null, list:List<Int32>}> {"long": 9223372036854775807, "int": -2147483648, "double": 5e-324, "decimal": "-9.999999999999999999999999999999999E-10", "date": 253402300799999, "id": "0123456789abcdef01234567", "text": "a😀", "yes": true, "no": null, "list": [1,2]}',
    ].join("\n"),
  },
  endless: 'for await (const change of db.changes("counted-nowhere"));',
  // A change stream takes itself up again after its server was restarted.
  running: 'Number((await other.client.db("admin").command({ serverStatus: 1 })).metrics.cursor.open.total)',
  transaction: {
    begin: (work) => `await db.transaction(async (session) => { ${work} })`,
    add: 'await db.collection("counted").insertOne({ n: 1 }, { session });',
    endless: 'for await (const change of db.changes("counted-nowhere"));',
  },
  wrong: { cell: "%%mongo main.numbers\n[\n  { $sort { i: 1 } },\n]", says: /line 3, column 11/ },
  says: { badPassword: /password/i },
  use: (connection) => `%mongo ${connection}.numbers { countDocuments: {} }`,
};
