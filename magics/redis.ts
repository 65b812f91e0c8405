import { usageError } from "./arguments.ts";
import { type Magic, MagicError } from "./magic.ts";
import { commandWords as known } from "./redis/commands.ts";
import { RedisFailure } from "./redis/failure.ts";
import { type ReadLine, readLine, toCall } from "./redis/read-call.ts";
import { commandLines, commandWords } from "./redis/words.ts";

const mostRows = 10_000;
const mostKeys = 1000;

/** `%redis` runs a command on a Redis server, `%%redis` several. */
export const redisMagic: Magic = {
  name: "redis",
  summary:
    "%redis [--on CONNECTION] COMMAND [ARGUMENT…]  run a Redis command (%%redis one on each line) and give its reply",
  line: "template",
  cell: "template",
  arrow: true,
  takes: {
    options: {
      "--on": "connection",
      "--bytes": "flag",
      "--multi": "flag",
      "--scan": [],
      "--limit": [],
      "--max": [],
      "--seconds": [],
    },
    words: ([command, ...more]) => {
      if (command === undefined) return Object.keys(known);
      return more.length === 0 ? (known[command.toUpperCase()] ?? []) : [];
    },
  },
  help: `Runs a command on the only connection to Redis, or on that of \`--on\`. \`%up redis\` starts a server, \`%connect redis://host:6379 --as cache\` names one.

\`\`\`ts
%redis SET user:1 "Ada Lovelace"
%redis HSET user:2 \${{ name: "Grace", born: 1906 }}
const user = %redis HGETALL user:2
// a table with score and member:
%redis ZRANGE board 0 -1 WITHSCORES
// keys with type, seconds to live and size, without holding up the server:
%redis --scan user:* --limit 100
// messages as they come, until the cell is interrupted:
%redis SUBSCRIBE news --max 10
\`\`\`

\`\`\`
%%redis replies << --multi
INCR visits
LPUSH log \${line}
\`\`\`

- A value in \`\${…}\` is one argument, whatever it holds, bytes too. An array is several, an object its fields and values.
- Texts come as strings, bytes that are none as \`Uint8Array\` (with \`--bytes\` all texts), integers as numbers or bigint, nil as \`null\`, maps as objects.
- Sorted sets with scores, streams, places, INFO, CLIENT LIST and the like are Arrow tables. SCAN and HSCAN from cursor 0 run to the end, or to \`--limit\` rows (${mostRows}).
- \`%%redis\` sends all lines at once and gives an array of replies; \`--multi\` makes them one transaction. A line that begins with \`#\` is a comment.
- Commands that wait (BLPOP, XREAD BLOCK) do so on a connection of their own, which an interrupt closes.

The same in code, with the methods of [ioredis](https://github.com/redis/ioredis):

\`\`\`ts
import { redis } from "typhoon-kernel"
const r = await redis()
await r.incr("visits")
for await (const key of r.scanKeys("user:*")) console.log(key)
\`\`\``,
  async run(call, { output, signal }) {
    const read = readLine(redisMagic, call.line);
    checkForm(read, call.form);
    const calls = call.form === "line" ? [] : readCell(call.body ?? call.line, call.startLine);
    signal.throwIfAborted();
    try {
      const { findRedis } = await import("./redis/find.ts");
      const connection = await findRedis(read.on);
      const options = { signal, bytes: read.bytes };
      if (call.form === "cell") {
        const { runPipeline, runTransaction } = await import("./redis/batch.ts");
        return await (read.multi ? runTransaction : runPipeline)(connection, calls, options);
      }
      if (read.scan !== undefined) {
        const { keyTable } = await import("./redis/scan.ts");
        const limit = read.limit ?? mostKeys;
        const { table, isWhole } = await keyTable(connection, read.scan, limit, options);
        if (!isWhole) output.stream("stderr", `The first ${limit} keys; --limit N shows more.\n`);
        return table;
      }
      const command = read.call!;
      const { isListening, listen } = await import("./redis/show.ts");
      if (isListening(command))
        return await listen(connection, command, read, { output, signal, assigned: call.assigned });
      if (/^[hsz]?scan$/i.test(command[0])) {
        const { scanTable } = await import("./redis/scan.ts");
        const table = await scanTable(connection, command, read.limit ?? mostRows, options);
        if (table) return table;
      }
      const { runForResult } = await import("./redis/run.ts");
      return await runForResult(connection, command, options);
    } catch (error) {
      throw asMagicError(error);
    }
  },
};

function checkForm({ call, scan, multi }: ReadLine, form: "line" | "cell"): void {
  if (form === "cell") {
    if (call || scan !== undefined) throw usageError(redisMagic, "in %%redis the commands stand below the line");
    return;
  }
  if (multi)
    throw usageError(redisMagic, "--multi is for %%redis, where the commands of a transaction stand below the line");
  if (call && scan !== undefined)
    throw usageError(redisMagic, `--scan has the pattern alone; nothing to do with "${call[0]}"`);
  if (!call && scan === undefined) throw usageError(redisMagic, "there is no command, as in `%redis GET key`");
}

function readCell(
  body: Parameters<typeof commandLines>[0],
  startLine: number,
): { call: ReturnType<typeof toCall>; line: number }[] {
  const calls = commandLines(body).map(({ template, line }) => {
    const call = toCall(redisMagic, commandWords(redisMagic, template));
    if (/^(?:[ps]?subscribe|monitor)$/i.test(call[0]))
      throw usageError(
        redisMagic,
        `${call[0].toUpperCase()} stands alone, as in \`%redis ${call[0].toUpperCase()} …\``,
      );
    if (/^(?:multi|exec|discard)$/i.test(call[0]))
      throw usageError(redisMagic, "write `%%redis --multi` instead of MULTI and EXEC");
    return { call, line: startLine + line };
  });
  if (calls.length === 0) throw usageError(redisMagic, "there is no command below the line, as in `GET key`");
  return calls;
}

/** What the server says is the reader's to mend. */
function asMagicError(error: unknown): unknown {
  if (error instanceof RedisFailure) return new MagicError("redis", error.message, { name: error.name, cause: error });
  if (error instanceof TypeError) return new MagicError("redis", error.message, { cause: error });
  return error;
}
