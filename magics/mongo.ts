import type { Magic } from "./magic.ts";
import { readCall } from "./mongo/call.ts";

/** `%mongo` and `%%mongo` ask a MongoDB. */
export const mongoMagic: Magic = {
  name: "mongo",
  summary:
    "%mongo [CONNECTION.]COLLECTION [OPTIONS] [BODY]  find, aggregate or change documents of a MongoDB (%%mongo with the body below)",
  line: "template",
  cell: "template",
  arrow: true,
  takes: {
    options: {
      "--limit": [],
      "--timeout": [],
      "--schema": [],
      "--stream": "flag",
      "--explain": "flag",
      "--documents": "flag",
    },
    words: (before) => (before.length === 0 ? ["collections", "databases", "indexes"] : []),
  },
  help: `Runs what stands below it on a collection: an array is an aggregation pipeline, an object a filter, or an operation by its name. Documents come as an Arrow \`Table\`.

\`\`\`
%%mongo shop.orders totals <<
[{ $match: { at: { $gte: since } } }, { $group: { _id: "$region", sum: { $sum: "$value" } } }]
\`\`\`
\`\`\`
%%mongo shop.orders
{ find: { region: "west" }, sort: { value: -1 }, projection: { _id: 0 }, limit: 10 }
\`\`\`
\`\`\`ts
%mongo orders { insertOne: { region, value: 3, at: new Date() } }
%mongo orders { updateMany: { region: "west" }, update: { $inc: { value: 1 } } }
const open = %mongo orders --limit 5 { status: \${status} }
// collections, databases, and the indexes of a collection:
%mongo collections
%mongo indexes orders
\`\`\`

- The body is JSON, extended JSON or TypeScript with the notebook's names; \`ObjectId(…)\`, \`ISODate(…)\`, \`NumberLong(…)\`, \`Decimal128\` and the like are there. Values are bound, never pasted.
- The first word is \`connection.collection\`, \`connection.database.collection\`, or, with one connection only, \`collection\` or \`database.collection\`.
- Operations: find, aggregate, findOne, countDocuments, distinct, insertOne, insertMany (also an Arrow table), updateOne, updateMany, replaceOne, deleteOne, deleteMany, findOneAndUpdate, bulkWrite, createIndex, dropIndex, listIndexes, drop.

| option | does |
| --- | --- |
| \`--limit N\` | gives the first N documents only |
| \`--schema NAME\` | columns as declared: \`{ name: "utf8", age: "int32", at: "timestamp", tags: ["utf8"] }\`, in a variable or written there |
| \`--documents\` | JavaScript objects instead of an Arrow table |
| \`--stream\` | an async iterable of record batches |
| \`--explain\` | runs it and shows the plan: stages, indexes, keys and documents examined |
| \`--timeout 30s\` | ends the operation in the server after so long |

The same in code, with the methods of the driver:

\`\`\`ts
import { mongo } from "typhoon-kernel"
const db = await mongo("shop")
const table = await db.toArrow(db.collection("orders").find({ value: { $gt: 3 } }))
\`\`\``,
  async run(call, context) {
    const read = readCall(mongoMagic, call);
    context.signal.throwIfAborted();
    const { runCall } = await import("./mongo/run.ts");
    return runCall(read, call.startLine, context);
  },
};
