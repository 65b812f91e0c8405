import type { System } from "./system.ts";

/** MongoDB, by the compatible server that `typhoon up mongo` starts. */
export const mongoSystem: System = {
  title: "MongoDB",
  recipe: "mongo",
  hasTls: true,
  setup: `
import { mongo } from "typhoon-kernel";
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
