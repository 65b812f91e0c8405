/** Commands that wait, at whatever else the connection is wanted for. */
const waiting: ReadonlySet<string> = new Set(
  "blpop brpop brpoplpush blmove blmpop bzpopmin bzpopmax bzmpop".split(" "),
);

/** Tells whether a command waits on the server for what others do. */
export function isBlocking(name: string, args: readonly unknown[]): boolean {
  const word = name.toLowerCase();
  if (waiting.has(word)) return true;
  if (word !== "xread" && word !== "xreadgroup") return false;
  for (const arg of args) {
    const text = String(arg).toLowerCase();
    if (text === "block") return true;
    if (text === "streams") return false; // behind it stand keys
  }
  return false;
}

/** Tells whether a command runs a program on the server, which holds up everybody; returns what ends it. */
export function killerOf(name: string): readonly [name: string, argument: string] | undefined {
  if (/^eval(?:sha)?(?:_ro)?$/i.test(name)) return ["script", "KILL"];
  return /^fcall(?:_ro)?$/i.test(name) ? ["function", "KILL"] : undefined;
}

/** What would take the connection from `%redis`, and what to do instead. */
export const refused: Readonly<Record<string, string>> = {
  hello: "the connection keeps its protocol; `?protocol=2` in its URL gives it another",
  reset: "the connection keeps its state; `%disconnect` and connect again for a new one",
  quit: "`%disconnect` ends a connection",
  sync: "it is for replicas",
  psync: "it is for replicas",
  unsubscribe: "a subscription ends with its cell",
  punsubscribe: "a subscription ends with its cell",
  sunsubscribe: "a subscription ends with its cell",
};

/** Commands for completion, with their second words where they have some. */
export const commandWords: Readonly<Record<string, readonly string[]>> = {
  ...Object.fromEntries(
    `APPEND BITCOUNT BITOP BITPOS BLMOVE BLMPOP BLPOP BRPOP BZPOPMAX BZPOPMIN COPY DBSIZE DECR DECRBY DEL DUMP ECHO EVAL EVALSHA
EXISTS EXPIRE EXPIREAT EXPIRETIME FCALL FLUSHALL FLUSHDB GEOADD GEODIST GEOHASH GEOPOS GEOSEARCH GEOSEARCHSTORE GET GETBIT GETDEL
GETEX GETRANGE GETSET HDEL HEXISTS HGET HGETALL HINCRBY HINCRBYFLOAT HKEYS HLEN HMGET HRANDFIELD HSCAN HSET HSETNX HSTRLEN HVALS
INCR INCRBY INCRBYFLOAT INFO KEYS LASTSAVE LINDEX LINSERT LLEN LMOVE LMPOP LPOP LPOS LPUSH LPUSHX LRANGE LREM LSET LTRIM MGET
MONITOR MSET MSETNX PERSIST PEXPIRE PFADD PFCOUNT PFMERGE PING PSETEX PSUBSCRIBE PTTL PUBLISH RANDOMKEY RENAME RENAMENX RESTORE
RPOP RPUSH RPUSHX SADD SCAN SCARD SDIFF SDIFFSTORE SELECT SET SETBIT SETEX SETNX SETRANGE SINTER SINTERCARD SINTERSTORE SISMEMBER
SMEMBERS SMISMEMBER SMOVE SORT SPOP SRANDMEMBER SREM SSCAN STRLEN SUBSCRIBE SUNION SUNIONSTORE TIME TOUCH TTL TYPE UNLINK WAIT XACK
XADD XAUTOCLAIM XCLAIM XDEL XLEN XPENDING XRANGE XREAD XREADGROUP XREVRANGE XTRIM ZADD ZCARD ZCOUNT ZDIFF ZINCRBY ZINTER
ZINTERSTORE ZMPOP ZMSCORE ZPOPMAX ZPOPMIN ZRANDMEMBER ZRANGE ZRANGEBYSCORE ZRANGESTORE ZRANK ZREM ZREMRANGEBYRANK
ZREMRANGEBYSCORE ZREVRANGE ZREVRANK ZSCAN ZSCORE ZUNION ZUNIONSTORE`
      .split(/\s+/)
      .map((name) => [name, []]),
  ),
  ACL: ["CAT", "GETUSER", "LIST", "LOG", "SETUSER", "USERS", "WHOAMI"],
  CLIENT: ["GETNAME", "ID", "INFO", "KILL", "LIST", "PAUSE", "UNBLOCK"],
  CLUSTER: ["INFO", "KEYSLOT", "MYID", "NODES", "SHARDS", "SLOTS"],
  COMMAND: ["COUNT", "DOCS", "GETKEYS", "INFO", "LIST"],
  CONFIG: ["GET", "RESETSTAT", "SET"],
  FUNCTION: ["DELETE", "KILL", "LIST", "LOAD", "STATS"],
  LATENCY: ["DOCTOR", "HISTORY", "LATEST"],
  MEMORY: ["DOCTOR", "STATS", "USAGE"],
  OBJECT: ["ENCODING", "FREQ", "IDLETIME", "REFCOUNT"],
  PUBSUB: ["CHANNELS", "NUMPAT", "NUMSUB"],
  SCRIPT: ["EXISTS", "FLUSH", "KILL", "LOAD"],
  SLOWLOG: ["GET", "LEN", "RESET"],
  XGROUP: ["CREATE", "CREATECONSUMER", "DELCONSUMER", "DESTROY", "SETID"],
  XINFO: ["CONSUMERS", "GROUPS", "STREAM"],
};
