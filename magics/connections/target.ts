import { maskSecret } from "../secret.ts";
import { type KindName, kindOfScheme } from "./kinds.ts";

/** Where a connection goes. */
export interface Target {
  readonly name: string;
  readonly kind: KindName;
  /** For people: the URL without its password. */
  readonly where: string;
  /** The whole URL. A function, so that no inspection of the object shows it; never print what it returns. */
  url(): string;
}

/** Reads a URL. Throws a TypeError that says what is wrong with it, without its password. */
export function parseTarget(name: string, url: string): Target {
  const [, scheme] = /^([a-z][a-z\d+.-]*):/i.exec(url) ?? [];
  if (scheme === undefined)
    throw new TypeError(`a connection is a URL, as in postgresql://user@host/database, not "${maskSecret("", url)}"`);
  return { name, kind: kindOfScheme(scheme.toLowerCase()), where: maskSecret("", url), url: () => url };
}
