import { registerSecret } from "../known-secrets.ts";
import { currentContext } from "../plain-context.ts";
import { isSecretParameter } from "../secret.ts";
import { type KindName, isFileKind, kindOfScheme } from "./kinds.ts";
import { type UrlParts, formatHost, joinFileUrl, joinUrl, splitFileUrl, splitUrl } from "./url.ts";

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
 * Reads a URL. Relative paths in it begin at `folder`, by default that of the notebook. Its password is hidden in all outputs
 * from now on. Throws a TypeError that says what is wrong with it, without its password.
 */
export function parseTarget(name: string, url: string, folder: string = currentContext().folder): Target {
  const kind = kindOfUrl(url);
  const parts = splitTarget({ kind, url: () => url });
  hideSecrets(parts);
  return { name, kind, where: describe(parts, kind), folder, url: () => url };
}

/** Hides the password of a URL from now on, where it is one. */
export function hidePassword(url: string): void {
  try {
    hideSecrets(splitTarget({ kind: kindOfUrl(url), url: () => url }));
  } catch {
    // Whoever connects to it is told.
  }
}

/** Finds the kind of a URL. Throws a TypeError where it is none, or of no kind that is known. */
export function kindOfUrl(url: string): KindName {
  const [, scheme] = /^([a-z][a-z\d+.-]*):/i.exec(url) ?? [];
  if (scheme !== undefined) return kindOfScheme(scheme.toLowerCase());
  const shown = /[@:]/.test(url) ? "" : `, not "${url}"`;
  throw new TypeError(`a connection is a URL, as in postgresql://user@host/database${shown}`);
}

/** Takes a target's URL apart. */
export function splitTarget({ kind, url }: Pick<Target, "kind" | "url">): UrlParts {
  return isFileKind(kind) ? splitFileUrl(url()) : splitUrl(url());
}

/** What can be put into a URL. */
export interface UrlChanges {
  readonly user?: string;
  readonly password?: string;
  readonly parameters?: Readonly<Record<string, string>>;
}

/** Puts login and parameters into a URL, in place of those that it has. */
export function changeUrl(url: string, { parameters: more = {}, ...login }: UrlChanges): string {
  if (Object.keys(more).length === 0 && Object.keys(login).length === 0) return url;
  const kind = kindOfUrl(url);
  const parts = splitTarget({ kind, url: () => url });
  if (isFileKind(kind) && Object.keys(login).length > 0)
    throw new TypeError(`${parts.scheme}: URLs name a file, which has no user and password`);
  const kept = parts.parameters.filter(([name]) => !Object.hasOwn(more, name) && !Object.hasOwn(login, name));
  const changed = { ...parts, ...login, parameters: [...kept, ...Object.entries(more)] };
  return isFileKind(kind) ? joinFileUrl(changed) : joinUrl(changed);
}

/** The URL without its password, for files and messages. */
export function withoutPassword(url: string): string {
  const kind = kindOfUrl(url);
  if (isFileKind(kind)) return url;
  const parts = splitTarget({ kind, url: () => url });
  const parameters = parts.parameters.filter(([name]) => !isSecretParameter(name));
  return joinUrl({ ...parts, password: undefined, parameters });
}

function describe({ scheme, user, hosts, path }: UrlParts, kind: KindName): string {
  if (isFileKind(kind)) return `${scheme}:${path}`;
  const login = user === undefined ? "" : `${user}@`;
  return `${scheme}://${login}${hosts.map(formatHost).join(",")}${path === "" ? "" : `/${path}`}`;
}

function hideSecrets({ user, password, path, hosts, parameters }: UrlParts): void {
  const others = [path, ...hosts.map(({ host }) => host)];
  if (password !== undefined) registerSecret(password, user, others);
  for (const [name, value] of parameters)
    if (isSecretParameter(name)) registerSecret(value, name === "password" ? user : undefined, others);
}
