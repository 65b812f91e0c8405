import { inspect } from "node:util";

type Listener = (forms: readonly string[]) => void;

const known = new Set<string>();
const told: (readonly string[])[] = [];
let listener: Listener | undefined;

/** Calls back with each secret from now on, and those from before, in all forms in which it may stand in a text. */
export function onSecret(take: Listener): void {
  listener = take;
  for (const forms of told) take(forms);
}

/**
 * Tells of a secret that is to be seen in no output; `user` is who it belongs to. False where it would eat the output: it is
 * shorter than four characters, a common word, a short number, or one of `others`, which are no secrets.
 */
export function registerSecret(secret: string, user = "", others: readonly (string | undefined)[] = []): boolean {
  if (secret.length < leastLength || /^\d{4,5}$/.test(secret) || common.has(secret.toLowerCase())) return false;
  if (secret === user || others.includes(secret)) return false;
  const key = `${user}:${secret}`;
  if (known.has(key)) return true;
  known.add(key);
  const forms = formsOf(secret, user);
  told.push(forms);
  listener?.(forms);
  return true;
}

const leastLength = 4;

// Passwords of examples and of servers as they come; texts hold these words without meaning a password.
const common = new Set(
  (
    "admin administrator admin123 changeme clickhouse database default demo dummy example false guest hello hunter2 " +
    "letmein localhost login main mariadb master minioadmin mongo mongodb mysql name none null pass passwd password " +
    "postgres postgresql public qwerty redis root sample secret server shop test testing token true typhoon undefined " +
    "user username value welcome"
  ).split(" "),
);

/** Lists the forms in which a secret may stand in a text: as it is, in URLs, JSON, HTML and base64. */
export function formsOf(secret: string, user: string): string[] {
  const encoded = encodeURIComponent(secret);
  const html = secret.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
  const forms = [
    secret,
    encoded,
    encoded.replaceAll(/[!'()*]/g, (char) => `%${char.codePointAt(0)!.toString(16).toUpperCase()}`),
    new URLSearchParams({ "": secret }).toString().slice(1),
    encodeURI(secret),
    asUrlPassword(secret),
    ...escaped(secret, 3),
    inspect(secret).slice(1, -1),
    html,
    html.replaceAll('"', "&quot;").replaceAll("'", "&#39;"),
    ...inBase64(`${user}:${secret}`),
    ...inBase64(secret),
  ];
  return [...new Set(forms)].filter((form) => form.length >= leastLength);
}

/** As base64 of the text, and of longer texts that hold it: their bytes before it shift the letters by none, one or two. */
function inBase64(text: string): string[] {
  const whole = Buffer.from(text).toString("base64").replace(/=+$/, "");
  const within = [0, 1, 2].map((before) => {
    const bytes = Buffer.concat([Buffer.alloc(before), Buffer.from(text)]);
    // The first and the last letter may be made of others' bits too.
    const first = Math.ceil((before * 8) / 6);
    return bytes.toString("base64").slice(first, Math.floor((bytes.length * 8) / 6));
  });
  return [whole, ...within.filter((form) => form.length >= leastWithin)];
}

// In base64 a few letters match by chance.
const leastWithin = 8;

/** As it stands in JSON, in a text that is shown with its quotes, and in one of these within another. */
function escaped(text: string, depth: number): string[] {
  if (depth === 0) return [text];
  const inJson = JSON.stringify(text).slice(1, -1);
  return [
    text,
    ...[...new Set([inJson, text.replaceAll("\\", "\\\\")])].flatMap((next) =>
      next === text ? [] : escaped(next, depth - 1),
    ),
  ];
}

function asUrlPassword(secret: string): string {
  const url = new URL("http://user@host");
  url.password = secret;
  return url.password;
}
