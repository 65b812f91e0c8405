/** A URL of a connection, taken apart; names and values are decoded. */
export interface UrlParts {
  readonly scheme: string;
  readonly user: string | undefined;
  readonly password: string | undefined;
  /** None where the URL names a file, or leaves the host to its parameters. */
  readonly hosts: readonly Host[];
  /** What is behind the hosts, without its first `/`; of a file's URL, the path. */
  readonly path: string;
  readonly parameters: readonly (readonly [name: string, value: string])[];
}

/** A server's name or address, or the path of its socket. */
export interface Host {
  readonly host: string;
  readonly port: number | undefined;
}

/**
 * Takes a URL with hosts apart. More is let pass than by `URL`: several hosts, and a password with `@`, `:` or `#` in it.
 * Throws a TypeError that shows nothing of the URL.
 */
export function splitUrl(url: string): UrlParts {
  const [, scheme = "", rest = ""] = /^([a-z][a-z\d+.-]*):\/\/(.*)$/is.exec(url) ?? [];
  if (scheme === "") throw new TypeError("behind the scheme comes //, as in postgresql://user@host/database");
  const { main, parameters } = splitParameters(rest);
  const slash = main.indexOf("/");
  const authority = slash < 0 ? main : main.slice(0, slash);
  const path = slash < 0 ? "" : main.slice(slash + 1);
  const at = authority.lastIndexOf("@");
  // What looks like a path or a parameter may be the rest of a password.
  if (at < 0 && (path.includes("@") || parameters.some(([name]) => name.includes("@"))))
    throw new TypeError("a / or ? before the @ is written as %2F or %3F, also in a password");
  const [, user, password] = (at < 0 ? null : /^([^:]*)(?::(.*))?$/s.exec(authority.slice(0, at))) ?? [];
  const hosts = authority.slice(at + 1);
  return {
    scheme: scheme.toLowerCase(),
    user: user ? decode(user) : undefined,
    password: password ? decode(password) : undefined,
    hosts: hosts === "" ? [] : hosts.split(",").map(parseHost),
    path: decode(path),
    parameters,
  };
}

/** Takes the URL of a file apart: `sqlite:data/x.db`, `sqlite:///home/x.db`, `sqlite::memory:`. */
export function splitFileUrl(url: string): UrlParts {
  const colon = url.indexOf(":");
  const { main, parameters } = splitParameters(url.slice(colon + 1));
  const path = decode(main.replace(/^\/\/(?:localhost(?=\/))?/, "").replace(/^\/(?=[a-z]:)/i, ""));
  return {
    scheme: url.slice(0, colon).toLowerCase(),
    user: undefined,
    password: undefined,
    hosts: [],
    path,
    parameters,
  };
}

/** Writes a URL with hosts from its parts. */
export function joinUrl({ scheme, user, password, hosts, path, parameters }: UrlParts): string {
  const encode = encodeURIComponent;
  const login =
    user === undefined && password === undefined
      ? ""
      : `${encode(user ?? "")}${password === undefined ? "" : `:${encode(password)}`}@`;
  const places = hosts.map(formatHost).join(",");
  return `${scheme}://${login}${places}/${path.split("/").map(encode).join("/")}${query(parameters)}`;
}

/** Writes the URL of a file from its parts. */
export function joinFileUrl({ scheme, path, parameters }: UrlParts): string {
  return `${scheme}:${path
    .split(/([/\\:])/)
    .map(encodePath)
    .join("")}${query(parameters)}`;
}

function encodePath(part: string): string {
  return /^[/\\:]$/.test(part) ? part : encodeURIComponent(part);
}

function query(parameters: UrlParts["parameters"]): string {
  const pairs = parameters.map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`);
  return pairs.length === 0 ? "" : `?${pairs.join("&")}`;
}

/** Writes a host as it stands in a URL. */
export function formatHost({ host, port }: Host): string {
  const name = host.startsWith("/") ? encodeURIComponent(host) : host.includes(":") ? `[${host}]` : host;
  return port === undefined ? name : `${name}:${port}`;
}

function splitParameters(text: string): { main: string; parameters: [string, string][] } {
  const question = text.indexOf("?");
  if (question < 0) return { main: text, parameters: [] };
  const pairs = text.slice(question + 1).split("&");
  const parameters = pairs.flatMap((pair): [string, string][] => {
    if (pair === "") return [];
    const equals = pair.indexOf("=");
    return [equals < 0 ? [decode(pair), ""] : [decode(pair.slice(0, equals)), decode(pair.slice(equals + 1))]];
  });
  return { main: text.slice(0, question), parameters };
}

function parseHost(text: string): Host {
  const [, bracketed, plain, port] = /^(?:\[([^\]]+)\]|([^:[\]]*))(?::(\d*))?$/.exec(text) ?? [];
  const host = bracketed ?? plain;
  const number = port ? Number(port) : undefined;
  if (host === undefined || (number !== undefined && number > 65_535))
    throw new TypeError(
      "host and port are written host:5432, with a number up to 65535. " +
        "In a password, / ? @ : # are written as %2F %3F %40 %3A %23",
    );
  return { host: decode(host), port: number };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // a % that begins no code
  }
}
