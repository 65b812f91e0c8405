import { currentContext } from "../plain-context.ts";
import { type KindName, isFileKind, kindOfScheme } from "./kinds.ts";
import { type UrlParts, formatHost, splitFileUrl, splitUrl } from "./url.ts";

/** Where a connection goes. */
export interface Target {
  readonly name: string;
  readonly kind: KindName;
  /** For people: the URL without its password and parameters. */
  readonly where: string;
  /** Where its relative paths begin. */
  readonly folder: string;
  /** The whole URL. A function, so that no inspection of the object shows it; never print what it returns. */
  url(): string;
}

/**
 * Reads a URL. Relative paths in it begin at `folder`, by default that of the notebook. Throws a TypeError that says what is
 * wrong with it, without its password.
 */
export function parseTarget(name: string, url: string, folder: string = currentContext().folder): Target {
  const [, scheme] = /^([a-z][a-z\d+.-]*):/i.exec(url) ?? [];
  if (scheme === undefined)
    throw new TypeError(
      `a connection is a URL, as in postgresql://user@host/database${/[@:]/.test(url) ? "" : `, not "${url}"`}`,
    );
  const kind = kindOfScheme(scheme.toLowerCase());
  return { name, kind, where: describe(splitTarget({ kind, url: () => url }), kind), folder, url: () => url };
}

/** Takes a target's URL apart. */
export function splitTarget({ kind, url }: Pick<Target, "kind" | "url">): UrlParts {
  return isFileKind(kind) ? splitFileUrl(url()) : splitUrl(url());
}

function describe({ scheme, user, hosts, path }: UrlParts, kind: KindName): string {
  if (isFileKind(kind)) return `${scheme}:${path}`;
  return `${scheme}://${user === undefined ? "" : `${user}@`}${hosts.map(formatHost).join(",")}${path === "" ? "" : `/${path}`}`;
}
