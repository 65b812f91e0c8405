import type { System } from "./system.ts";

const clients = 'String(await other.client("LIST")).split("\\n").filter((line) => line.includes("cmd=blpop"))';

/** Redis: replies are values, so there is nothing to stream as record batches. */
export const redisSystem: System = {
  title: "Redis",
  recipe: "redis",
  hasTls: true,
  setup: `
import { redis } from "typhoon-kernel";
const r = await redis("main");
const other = await redis("other");
let last = 0;
async function echo(value: string | Uint8Array): Promise<unknown> {
  const key = \`echo:\${++last}\`;
  await r.value("SET", key, value);
  return typeof value === "string" ? r.get(key) : r.getBuffer(key);
}
const count = () => r.llen("counted");
const add = (n: number) => r.rpush("counted", n);`,
  types: {
    cell: `
await r.value("DEL", "typed");
const replies = [
  await r.value("SET", "typed", 9223372036854775806n),
  await r.value("INCR", "typed"),
  await r.value("GET", "nothing-there"),
  await r.value("ZADD", "scores", "-inf", "a", 0.1, "b"),
  await r.value("ZSCORE", "scores", "b"),
  await r.value("ZSCORE", "scores", "a"),
  await r.value("HSET", "fields", { a: "a😀", b: Uint8Array.of(0, 255) }),
  await r.value("HGETALL", "fields"),
  await r.value("SMISMEMBER", "nothing-there", "x", "y"),
];
const { inspect } = await import("node:util");
return replies.map((reply) => inspect(reply)).join("\\n");`,
    result: [
      "'OK'",
      "9223372036854775807n",
      "null",
      "2",
      "0.1",
      "-Infinity",
      "2",
      "{ a: 'a😀', b: Uint8Array(2) [ 0, 255 ] }",
      "[ 0, 0 ]",
    ].join("\n"),
  },
  endless: "%redis --on main BLPOP nothing-comes 0",
  running: `${clients}.length`,
  kill: `for (const line of ${clients}) await other.client("KILL", "ID", /id=(\\d+)/.exec(line)![1]!);`,
  transaction: {
    begin: (work) => `{ const tx = r.multi(); ${work} await tx.exec(); }`,
    add: 'tx.rpush("counted", "1");',
  },
  wrong: { cell: "%%redis --on main\nSET a 1\nLPUSH a 2", says: /line 3/ },
  says: { badPassword: /password/i },
  use: (connection) => `%redis --on ${connection} PING`,
};
