import { readFileSync } from "node:fs";
import { dirname } from "node:path";
import { maskUrls } from "../mask-secrets.ts";
import { findNearest } from "../nearest.ts";
import { resolvePath } from "../paths.ts";
import { isSecretParameter } from "../secret.ts";
import { changeUrl, kindOfUrl, splitTarget } from "./target.ts";

/** A connection as a `connections.toml` has it: texts in which `${…}` stand for other texts. */
export interface Definition {
  readonly name: string;
  /** File and line. */
  readonly place: string;
  readonly path: string;
  /** Shows nothing of it where it is inspected. */
  entries(): Readonly<Record<string, string>>;
}

// What is meant by a word that is nearly one of these; others go to the driver, which has its own.
const keys = ["url", "user", "password", "connect_timeout", "pool_max", "pool_idle"];

/** Checks the table of a connection. Throws a TypeError that names the place. */
export function define(name: string, table: unknown, path: string, lineOf: (key?: string) => number): Definition {
  const at = (key?: string): string => `${path}:${lineOf(key)}`;
  if (typeof table !== "object" || table === null || Array.isArray(table))
    throw new TypeError(`${at()}: a connection is a table of its own: [${name}] on a line, and below it url = "…"`);
  const entries: Record<string, string> = {};
  for (const [key, value] of Object.entries(table)) {
    if (!["string", "number", "boolean"].includes(typeof value))
      throw new TypeError(`${at(key)}: ${key} is a text, a number, true or false`);
    const nearest = keys.includes(key) ? undefined : findNearest(key === "username" ? "user" : key, keys);
    if (nearest) throw new TypeError(`${at(key)}: there is no ${key}. Did you mean ${nearest}?`);
    entries[key] = String(value);
  }
  if (!entries["url"])
    throw new TypeError(`${at()}: [${name}] needs a url, as in url = "postgresql://user@host/database"`);
  return { name, place: at(), path, entries: () => entries };
}

/** Makes the whole URL of a definition. Throws a TypeError that names its place, without the password. */
export function toUrl(definition: Definition): string {
  const { url: text = "", user, password, ...more } = definition.entries();
  const fill = (value: string): string => fillIn(value, definition, (found) => found);
  try {
    // What stands for a whole URL is one; what stands for a part of it may be any text.
    const url = /^\$\{[^}]*\}$/.test(text) ? fill(text) : fillIn(text, definition, encodeURIComponent);
    const whole = changeUrl(url, {
      ...(user !== undefined && { user: fill(user) }),
      ...(password !== undefined && { password: fill(password) }),
      parameters: Object.fromEntries(Object.entries(more).map(([key, value]) => [key, fill(value)])),
    });
    splitTarget({ kind: kindOfUrl(whole), url: () => whole }); // what is wrong with it is told with its place
    return whole;
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    const { message } = error;
    throw new TypeError(message.startsWith(definition.path) ? message : `${definition.place}: ${message}`, {
      cause: error,
    });
  }
}

/** True where a password stands in the file itself. */
export function holdsSecret({ entries }: Definition): boolean {
  return Object.entries(entries()).some(([key, value]) =>
    key === "url" ? maskUrls(value) !== value : isSecretParameter(key) && !value.startsWith("${"),
  );
}

function fillIn(text: string, { place, path }: Definition, encode: (found: string) => string): string {
  // `$${` is a `${` of the text.
  return text.replaceAll(/\$(\$\{)|\$\{([^}]*)\}/g, (_, escaped: string | undefined, inner: string) => {
    if (escaped !== undefined) return escaped;
    const [, kind, name = ""] = /^(env|file):(.+)$/.exec(inner.trim()) ?? [];
    if (kind === "env") {
      const value = process.env[name];
      if (value) return encode(value);
      throw new TypeError(`${place}: the environment variable ${name} is not set. Set it before the kernel starts`);
    }
    if (kind === "file") return encode(readSecretFile(name, place, dirname(path)));
    // It may be a part of a password.
    const found = /^\w+:/.test(inner) ? `\${${inner}}` : "what begins with ${";
    throw new TypeError(
      `${place}: ${found} is none of \${env:NAME} and \${file:PATH}. Where the text itself has \${, write $\${`,
    );
  });
}

function readSecretFile(name: string, place: string, folder: string): string {
  const file = resolvePath(name, folder);
  try {
    return readFileSync(file, "utf8").trim();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new TypeError(`${place}: ${file} ${code === "ENOENT" ? "is not there" : `cannot be read (${code})`}`, {
      cause: error,
    });
  }
}
