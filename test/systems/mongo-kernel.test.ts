import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Seen, type TestKernel, see, seen, startTestKernel } from "../kernel/harness.ts";
import { databaseUrl } from "./mongo-session.ts";
import { withServer } from "./servers.ts";

const server = withServer("mongo");
let kernel: TestKernel;
beforeAll(async () => {
  kernel = await startTestKernel();
  await kernel.run(`%connect ${databaseUrl(server.url, "shop")} --as shop`);
});
afterAll(() => kernel.shutdown());

/** Runs a cell, interrupts it once it prints, and says how long it took until it was idle. */
async function interrupted(code: string): Promise<Seen & { ms: number }> {
  const printed = seen(kernel, ({ header }) => header.msg_type === "stream");
  const running = kernel.request("execute_request", { code, allow_stdin: false });
  await Promise.race([printed, running]);
  const start = performance.now();
  await kernel.request("interrupt_request", {}, { channel: "control" });
  const answer = see(await running);
  return { ...answer, ms: performance.now() - start };
}

describe("cells", () => {
  test("%%mongo keeps its result, and the names of the notebook are values", async () => {
    await kernel.run("const region = 'west', rows = [{ region, value: 3 }, { region: 'east', value: 4 }]");
    const inserted = await kernel.run("%mongo shop.orders { insertMany: rows }");
    expect(inserted.result).toContain("insertedCount: 2");
    const cell =
      '%%mongo orders totals <<\n[{ $match: { region } }, { $group: { _id: "$region", sum: { $sum: "$value" } } }]';
    expect((await kernel.run(cell)).result).toMatch(/_id\s+sum\n.*\n.*\nwest\s+3\n1 row × 2/);
    expect((await kernel.run("totals.getChild('sum').get(0)")).result).toBe("3");
  });

  test("an error of the body points into the cell", async () => {
    const wrong = await kernel.run("%%mongo orders\n[\n  { $match: { a: 1 } },\n  { $sort { a: 1 } },\n]");
    expect(wrong.traceback).toMatch(
      /SyntaxError: %mongo: line 4, column 11: .*[^]*> 4 │ {3}\{ \$sort \{ a: 1 \} \},\n {4}│ {11}\^/,
    );
    const unknown = await kernel.run("%%mongo orders\n{ region: nobody }");
    expect(unknown.traceback).toMatch(/ReferenceError: nobody is not defined\n {3}%%mongo:2:11/);
    const stage = await kernel.run("%%mongo orders\n[{ $mtach: { a: 1 } }]");
    expect(stage.error).toMatch(/^MongoServerError: %mongo: .*\$mtach.*Did you mean \$match\?/);
    expect((await kernel.run("%mongo orders { region: { $gte2: 1 } }")).error).toMatch(
      /unknown operator: \$gte2\. Did you mean \$gte\?/,
    );
  });

  test("completion knows the magic's options and words", async () => {
    const { reply } = await kernel.request("complete_request", { code: "%mongo --ex", cursor_pos: 11 });
    expect(reply).toMatchObject({ matches: ["--explain"] });
  });

  test("nothing that leaves the kernel has the password", async () => {
    const cells = [
      "import { mongo } from 'typhoon-kernel'\nconst db = await mongo('shop')\ndb",
      "db.client",
      "db.client.options",
      "db.collection('orders').find()",
      "%connect",
    ];
    for (const code of cells) expect(JSON.stringify((await kernel.run(code)).published)).not.toContain(server.password);
  });
});

describe("an interrupt", () => {
  const slow = `[{ $limit: 400 }, { $lookup: { from: "many", let: { x: "$a" }, as: "z",
    pipeline: [{ $match: { $expr: { $gt: [{ $add: ["$a", "$$x"] }, 1000] } } }] } }, { $count: "n" }]`;
  beforeAll(async () => {
    await kernel.run("%mongo many { insertMany: Array.from({ length: 3000 }, (_, _id) => ({ _id, a: _id % 10 })) }");
  });

  test("ends a query of the magic within a second, and the connection goes on", async () => {
    const { error, ms } = await interrupted(`console.log("runs")\nconst n = %mongo many ${slow.replaceAll("\n", " ")}`);
    expect(error).toMatch(/^Interrupted/);
    expect(ms).toBeLessThan(1_000);
    expect((await kernel.run("%mongo many { countDocuments: {} }")).result).toBe("3000");
  });

  test("closes the cursor of a stream in the server", async () => {
    const cell = `const batches = %mongo many --stream { find: {}, batchSize: 500 }
for await (const batch of batches) { console.log(batch.numRows); await new Promise(() => {}) }`;
    const { error, ms } = await interrupted(cell);
    expect(error).toMatch(/^Interrupted/);
    expect(ms).toBeLessThan(1_000);
    await expectNoCursor();
  });

  test("closes the cursors and rolls back the transactions of the driver's methods", async () => {
    const cell = `await db.transaction(async (session) => {
  await db.collection("many").insertOne({ _id: "lost" }, { session })
  console.log("inserted")
  await new Promise(() => {})
})`;
    const { error, ms } = await interrupted(cell);
    expect(error).toMatch(/^Interrupted/);
    expect(ms).toBeLessThan(1_000);
    // Another transaction on the same document would have to wait for one that is open.
    expect(
      (await kernel.run('%mongo many { updateOne: { _id: "lost" }, update: { $set: { a: 1 } }, upsert: true }')).error,
    ).toBe(undefined);
    expect((await kernel.run('%mongo many { deleteOne: { _id: "lost" } }')).result).toContain("deletedCount: 1");
    const loop = `for await (const { _id } of db.collection("many").find({}, { batchSize: 10 })) { console.log(_id); await new Promise(() => {}) }`;
    expect((await interrupted(loop)).ms).toBeLessThan(1_000);
    await expectNoCursor();
  });

  test("ends a loop over changes, which came as they were made", async () => {
    const cell = `const events = []
let asked = true
const writing = (async () => { while (asked) await db.collection("watched").insertOne({}) })()
for await (const change of db.changes("watched")) {
  if (events.push(change.operationType) === 1) { asked = false; await writing; console.log("seen") }
}`;
    const { ms } = await interrupted(cell);
    expect(ms).toBeLessThan(1_000);
    expect((await kernel.run("[...new Set(events)]")).result).toBe("[ 'insert' ]");
    await expectNoCursor();
  });

  test("--timeout ends the operation in the server", async () => {
    const { error } = await kernel.run(`%mongo many --timeout 300ms ${slow.replaceAll("\n", " ")}`);
    expect(error).toMatch(/^TimeoutError: %mongo: the operation took longer than 300 ms/);
  });

  /** Waits until the server has no cursor of ours left: it says so itself. */
  async function expectNoCursor(): Promise<void> {
    const count = "(await db.client.db('admin').command({ serverStatus: 1 })).metrics.cursor.open.total";
    while ((await kernel.run(`Number(${count})`)).result !== "0");
    expect((await kernel.run(`Number(${count})`)).result).toBe("0");
  }
});
