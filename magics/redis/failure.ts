/** What a Redis server says against a command, or why none answers. The message begins with the server's own words. */
export class RedisFailure extends Error {
  /** The server's word for it in CamelCase, as `WrongType`, or `ConnectionError`. */
  override readonly name: string;
  /** The server's word, as `WRONGTYPE`; the system's for a connection, as `ECONNREFUSED`. */
  readonly code: string;

  constructor(name: string, code: string, message: string, cause?: unknown) {
    super(message, cause === undefined ? {} : { cause });
    this.name = name;
    this.code = code;
  }
}

/** Where a client connects to, for messages. */
export interface Place {
  readonly name: string;
  /** The URL without its password. */
  readonly where: string;
  readonly isTls: boolean;
  readonly isCluster: boolean;
  readonly connectTimeoutMs: number;
}

/** What the driver says of a lost connection, whatever the reason. */
const lost =
  /^(?:Connection is closed|None of startup nodes|Cluster is |Cluster isn't ready|Command aborted|Stream isn't|Failed to refresh slots|timeout$)/;

/** Tells whether an error says only that there is no connection, not why. */
export function isBareLoss({ message, code }: Error & { code?: string }): boolean {
  return code === undefined && lost.test(message);
}

/**
 * Explains what the driver rejected a command with. `last` is what happened to the connection; the driver's own error is not
 * kept as the cause, since it holds the command's arguments, and with them the password.
 */
export function explain(error: unknown, command: string, place: Place, last: Error | undefined): Error {
  if (error instanceof RedisFailure || !isError(error)) return error as Error;
  const { message, name, code } = error;
  if (name === "AbortError" && !lost.test(message)) return error;
  // Of a cluster the driver tells the last node's error within a text of its own.
  const inner = /^Too many Cluster redirections\. Last error: (?:\w*Error: )?([^]*)$/.exec(message)?.[1];
  if (inner !== undefined && lost.test(inner)) return connectionFailure(last, command, place);
  if (lost.test(message)) return last instanceof RedisFailure ? last : connectionFailure(last, command, place);
  if (code !== undefined || noRedis.test(message)) return connectionFailure(error, command, place);
  return replyFailure(inner ?? message, place);
}

/** What the driver says of an answer that is none of Redis, as a web server's. */
const noRedis = /^Unknown RESP type|^Protocol error, got/;

function noRedisFailure({ where, name }: Place): RedisFailure {
  const text = `what answers at ${where} is no Redis. Check host and port of the connection "${name}"`;
  return new RedisFailure("ConnectionError", "NOREDIS", text);
}

/** Makes the error of a reply such as `WRONGTYPE Operation against …`, with what to do. */
export function replyFailure(message: string, place: Pick<Place, "name">): RedisFailure {
  const [, word = "ERR"] = /^([A-Z][A-Z\d]*)(?:\s|$)/.exec(message) ?? [];
  const advice = advices[word]?.(place.name) ?? byText.find(([text]) => text.test(message))?.[1];
  return new RedisFailure(camelCase(word), word, advice === undefined ? message : `${sentence(message)} ${advice}`);
}

const sameSlot =
  "In a cluster the keys of one command, and of a transaction, must share a slot: give them the same {tag}, as in {user:1}:name and {user:1}:age.";

const advices: Readonly<Record<string, (name: string) => string>> = {
  WRONGPASS: (name) => `Check user and password in the URL of the connection "${name}": redis://USER:PASSWORD@HOST.`,
  NOAUTH: (name) =>
    `The server wants a password: give the connection "${name}" one, as in redis://:PASSWORD@HOST, or \`%connect URL --ask\`.`,
  NOPERM: () => "The connection's user may not do this. `%redis ACL WHOAMI` says who it is; connect as another.",
  WRONGTYPE: () => "`%redis TYPE key` says what the key holds.",
  CROSSSLOT: () => sameSlot,
  CLUSTERDOWN: () => "The cluster lacks a node or slots. `%redis CLUSTER INFO` says more.",
  MOVED: (name) => `This is a cluster: connect to "${name}" with redis+cluster://…`,
  EXECABORT: () => "Nothing of the transaction was done.",
  OOM: () => "The server's memory is full: delete keys, or raise `maxmemory` (`%redis CONFIG GET maxmemory*`).",
  READONLY: () => "This is a replica: connect to the primary to write.",
  LOADING: () => "The server still reads its data; run the cell again in a moment.",
  BUSY: () => "A script runs on the server. `%redis SCRIPT KILL` ends it.",
  NOSCRIPT: () => "Load it first with SCRIPT LOAD, or send its text with EVAL.",
  NOGROUP: () => "Make the group with `%redis XGROUP CREATE key group $ MKSTREAM`.",
  BUSYGROUP: () => "The group is there; use it, or remove it with XGROUP DESTROY.",
  UNKILLABLE: () => "The script has written, so only SHUTDOWN NOSAVE ends it.",
};

const byText: readonly (readonly [text: RegExp, advice: string])[] = [
  [/keys in (?:a |the )?pipeline .*same slot|same slots allocation group/i, sameSlot],
  [/cluster support disabled/, "It is no cluster: write redis:// in place of redis+cluster://."],
  [/DB index is out of range/, "A server has databases 0 to 15 unless it is told otherwise; a cluster has only 0."],
  [/SELECT is not allowed in cluster mode/, "A cluster has only database 0."],
];

/** What the system says of a connection, as people can mend it. */
function connectionFailure(error: Error | undefined, command: string, place: Place): RedisFailure {
  const { where, name, isTls } = place;
  const { code = "", message = "" } = (error ?? {}) as Partial<NodeJS.ErrnoException>;
  const fail = (text: string): RedisFailure => new RedisFailure("ConnectionError", code || "CLOSED", text, error);
  if (noRedis.test(message)) return noRedisFailure(place);
  if (error === undefined) {
    return fail(
      `the connection "${name}" to ${where} was lost before the answer to ${command.toUpperCase()} came, so the server may have done it or not. ` +
        `The next command connects anew${isTls ? "" : "; a server that ends every connection at once may want TLS: rediss://"}`,
    );
  }
  const unreached: Readonly<Record<string, string>> = {
    ECONNREFUSED: "nothing listens there. Start the server (`%up redis` starts one), or check host and port",
    ENOTFOUND: "there is no host of that name. Check the URL",
    EAI_AGAIN: "the host's name cannot be looked up now. Check the URL and the network",
    ETIMEDOUT: `no answer within ${place.connectTimeoutMs / 1000} s. Check host, port and firewall${isTls ? ", and whether the server speaks TLS on this port (without it: redis://)" : ""}, or set ?connect_timeout=30s`,
    EHOSTUNREACH: "no way leads to this host. Check the address and the network",
    ENETUNREACH: "no way leads to this network. Check the address and the network",
    ENOENT: "there is no such socket. Check the path",
    EACCES: "the socket cannot be opened by this user",
  };
  const known = unreached[code];
  if (known !== undefined) return fail(`the connection "${name}" to ${where} failed: ${known}`);
  if (/SELF_SIGNED|UNABLE_TO|CERT_|ALTNAME|EPROTO|ERR_SSL|ERR_TLS/.test(code)) {
    const isPlain = /wrong.version.number|packet.length.too.long|EPROTO/i.test(`${message} ${code}`);
    const advice = isPlain
      ? "the server speaks no TLS on this port: write redis:// (without the second s), or its TLS port"
      : /CERTIFICATE_REQUIRED|HANDSHAKE_FAILURE/.test(code)
        ? "it wants a certificate of yours: add ?tls_cert=FILE&tls_key=FILE"
        : "its certificate is not trusted: name its authority with ?tls_ca=FILE, or its name with ?tls_server_name=NAME";
    return fail(`the connection "${name}" to ${where} failed: ${advice} (${code}: ${message.split("\n", 1)[0]})`);
  }
  const hint = isTls ? "" : " If the server wants TLS, write rediss://.";
  return fail(
    `the connection "${name}" to ${where} was lost: ${message || code}.${hint} The next command connects anew`,
  );
}

function isError(value: unknown): value is Error & { code?: string } {
  return typeof value === "object" && value !== null && "message" in value;
}

function camelCase(word: string): string {
  return names[word] ?? (word === "ERR" ? "RedisError" : word[0] + word.slice(1).toLowerCase());
}

const names: Readonly<Record<string, string>> = {
  WRONGTYPE: "WrongType",
  WRONGPASS: "WrongPassword",
  NOAUTH: "NoAuthentication",
  NOPERM: "NoPermission",
  CROSSSLOT: "CrossSlot",
  EXECABORT: "ExecAbort",
  CLUSTERDOWN: "ClusterDown",
  READONLY: "ReadOnly",
};

function sentence(text: string): string {
  return /[.!?]$/.test(text.trimEnd()) ? text.trimEnd() : `${text.trimEnd()}.`;
}
