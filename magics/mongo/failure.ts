import { readOptions } from "../connections/options.ts";
import type { Target } from "../connections/target.ts";
import { MagicError } from "../magic.ts";
import { findNearest } from "../nearest.ts";
import { maskSecret } from "../mask-secrets.ts";
import { expressionNames, stageNames } from "./operators.ts";

interface DriverError {
  readonly name: string;
  readonly message: string;
  readonly code?: number | string;
  readonly codeName?: string;
  readonly keyValue?: unknown;
  readonly errInfo?: unknown;
  readonly cause?: unknown;
  readonly reason?: { readonly servers?: ReadonlyMap<string, { readonly error?: Error | null }> };
  readonly writeErrors?: unknown;
}

/** Turns what the driver threw into an error that says what to do next; what is no driver's error comes back as it is. */
export function toMongoError(thrown: unknown, target: Target): unknown {
  const error = thrown as DriverError;
  if (thrown instanceof MagicError || typeof error?.name !== "string" || !error.name.startsWith("Mongo")) return thrown;
  const failed = ofServer(error) ?? ofNetwork(error, target) ?? { name: error.name, text: error.message, hint: "" };
  const text = maskSecret("", [failed.text.replace(/\.?$/, "."), failed.hint].filter(Boolean).join(" "));
  return new MagicError("mongo", text, { name: failed.name, cause: thrown });
}

interface Failed {
  readonly name: string;
  readonly text: string;
  readonly hint: string;
}

type Explain = (error: DriverError) => string;

const hints: Readonly<Record<number, Explain>> = {
  13: ({ message }) =>
    /requires authentication/i.test(message)
      ? "The server wants a login: put it into the URL, mongodb://USER@HOST/DATABASE, with %connect URL --ask"
      : 'Grant the user a role on this database, as in db.grantRolesToUser(user, ["readWrite"])',
  18: () =>
    "User or password is wrong, or the user is of another database: then add ?authSource=admin to the URL. %connect URL --ask asks for the password",
  20: ({ message }) =>
    /replica set|transaction numbers/i.test(message) ? "Transactions and change streams need a replica set" : "",
  26: () => "Look at %mongo collections for the names",
  27: () => "Look at %mongo indexes for those that there are",
  50: () => "Give it more time by --timeout, or let an index help: --explain shows the plan",
  85: () =>
    "An index of these keys is there under another name or with other options: drop it first by { dropIndex: name }",
  86: () => "An index of this name is there with other keys or options: drop it first by { dropIndex: name }",
  121: ({ errInfo }) => `The collection's validator refuses it: ${JSON.stringify(errInfo)}`,
  11_000: () =>
    "Change the value, or write { updateOne: filter, update: …, upsert: true } for what may be there already",
  11_600: () => "The server is shutting down: run the cell again when it is there",
  11_601: () => "The operation was ended in the server",
  40_324: ({ message }) => nearestName(message, stageNames),
  168: ({ message }) => nearestName(message, expressionNames),
  2: ({ message }) => nearestName(message, expressionNames),
  10_334: () => "A document holds 16 MB at most: write large data to files, or split it",
  17_280: () => "A document holds 16 MB at most: write large data to files, or split it",
};

function ofServer(error: DriverError): Failed | undefined {
  const { code, codeName, message } = error;
  if (typeof code !== "number" || error.name === "MongoNetworkError") return undefined;
  const name =
    code === 11_000 ? "DuplicateKey" : /^Location\d/.test(codeName ?? "") ? error.name : (codeName ?? error.name);
  return { name, text: message, hint: hints[code]?.(error) ?? "" };
}

function nearestName(message: string, known: readonly string[]): string {
  const [word] = /\$\w+/.exec(message) ?? [];
  if (word === undefined || known.includes(word)) return "";
  const nearest = findNearest(word, known);
  return nearest === undefined ? "" : `Did you mean ${nearest}?`;
}

/** Errors on the way to the server. */
function ofNetwork(error: DriverError, target: Target): Failed | undefined {
  const { where } = target;
  if (/^Mongo(?:Parse|InvalidArgument|MissingCredentials)Error$/.test(error.name))
    return { name: "ConnectionError", text: `the URL of "${target.name}" is wrong: ${error.message}`, hint: "" };
  if (!/^Mongo(?:ServerSelection|Network|NetworkTimeout|PoolCleared|TopologyClosed|NotConnected)/.test(error.name))
    return undefined;
  const messages = messagesOf(error);
  for (const [pattern, text, hint] of reasons)
    if (messages.some((message) => pattern.test(message)))
      return { name: "ConnectionError", text: `${where}: ${text}`, hint };
  const isSelection = error.name === "MongoServerSelectionError";
  const [first = error.message] = messages.toReversed();
  if (messages.some((message) => /ECONNRESET|EPIPE|connection \S+ to \S+ closed/.test(message)) && isSelection) {
    const hint = usesTls(target)
      ? "It may speak no TLS there: write ?tls=off, or mend the port"
      : "It may want TLS: write ?tls=verify in the URL, with ?tls_ca=FILE for an authority of your own";
    return { name: "ConnectionError", text: `${where} closed the connection`, hint };
  }
  if (isSelection) {
    return {
      name: "ConnectionError",
      text: `${where} does not answer: ${first}`,
      hint: "Look at the host, the port and the server's log",
    };
  }
  return {
    name: "ConnectionError",
    text: `the connection to ${where} was lost (${first})`,
    hint: "Run it again: the next use connects anew. Look first at what a write has done",
  };
}

function usesTls(target: Target): boolean {
  return readOptions(target).tls !== undefined;
}

const reasons: readonly (readonly [pattern: RegExp, text: string, hint: string])[] = [
  [
    /ECONNREFUSED/,
    "nothing listens there",
    "Start the server (%up mongo starts one on this machine), or mend host and port",
  ],
  [/ENOTFOUND|EAI_AGAIN|querySrv/, "there is no such host", "Mend the host's name in the URL"],
  [
    /EHOSTUNREACH|ENETUNREACH/,
    "there is no way to this host",
    "Look at the host's address, the network and the firewall",
  ],
  [
    /self.signed|unable to (?:verify|get)|certificate signed by unknown|UNABLE_TO/i,
    "the server's certificate is of no authority that this machine knows",
    "Name its file by ?tls_ca=FILE in the URL, or write ?tls=require to do without the check",
  ],
  [
    /altnames|ERR_TLS_CERT_ALTNAME/i,
    "the server's certificate is for another name",
    "Mend the host, or name it by ?tls_server_name=NAME",
  ],
  [
    /certificate has expired|CERT_HAS_EXPIRED/i,
    "the server's certificate has expired",
    "Have it renewed; ?tls=require does without the check",
  ],
  [
    /wrong version number|packet length too long|EPROTO|ssl3|tlsv1|before secure TLS/i,
    "the server speaks no TLS there",
    "Write ?tls=off, or mend the port",
  ],
  [
    /timed out|ETIMEDOUT/i,
    "no answer in time",
    "Look at the host, the port and the firewall; ?connect_timeout=30s waits longer",
  ],
];

function messagesOf(error: DriverError): string[] {
  const found: string[] = [];
  const add = (value: unknown, depth: number): void => {
    if (typeof value !== "object" || value === null || depth > 4) return;
    const { message, code, cause, reason, errors } = value as DriverError & { errors?: unknown };
    if (typeof message === "string") found.push([code, message].filter((part) => typeof part === "string").join(": "));
    for (const server of reason?.servers?.values() ?? []) add(server.error, depth + 1);
    if (Array.isArray(errors)) for (const one of errors) add(one, depth + 1);
    add(cause, depth + 1);
  };
  add(error, 0);
  return found;
}
