import { readFileSync } from "node:fs";
import { resolvePath } from "../paths.ts";

/**
 * How a connection is encrypted. `prefer`: where the server can; `require`: whoever the server is; `verify`: its certificate
 * must be for its name and of a known authority.
 */
export type TlsMode = "prefer" | "require" | "verify";

/** What `tls.connect` needs. Certificates and key are the texts of their files. */
export interface Tls {
  readonly mode: TlsMode;
  readonly ca: string | undefined;
  readonly cert: string | undefined;
  /** Not enumerable, so that no inspection shows it. */
  readonly key: string | undefined;
  /** The name that the certificate is to have, where it is not the host's. */
  readonly servername: string | undefined;
}

/** Takes a parameter out of those that are left, by the first of its names that is there. */
export type TakeParameter = (...names: readonly string[]) => string | undefined;

// Ours, and the words of PostgreSQL, MySQL and MongoDB.
const modes: Readonly<Record<string, TlsMode | "off">> = {
  off: "off",
  disable: "off",
  disabled: "off",
  false: "off",
  "0": "off",
  no: "off",
  prefer: "prefer",
  preferred: "prefer",
  allow: "prefer",
  require: "require",
  required: "require",
  verify: "verify",
  "verify-ca": "verify",
  verify_ca: "verify",
  "verify-full": "verify",
  verify_identity: "verify",
  true: "verify",
  "1": "verify",
  yes: "verify",
};

/** Reads the parameters about TLS; `initial` where they say nothing. Undefined where nothing is encrypted. */
export function readTls(take: TakeParameter, folder: string, initial: TlsMode | "off"): Tls | undefined {
  const word = take("tls", "sslmode", "ssl-mode", "ssl_mode", "sslMode", "ssl", "useSSL");
  const said = word === undefined ? undefined : modes[word.toLowerCase()];
  if (word !== undefined && said === undefined)
    throw new TypeError(`tls is off, prefer, require or verify, not "${word}"`);
  const file = (names: readonly string[]): string | undefined => {
    const path = take(...names);
    return path === undefined || path === "system" ? undefined : readPem(names[0]!, path, folder);
  };
  const ca = file(["tls_ca", "sslrootcert", "ssl-ca", "ssl_ca", "tlsCAFile"]);
  const both = file(["tls_cert_and_key", "tlsCertificateKeyFile"]);
  const cert = file(["tls_cert", "sslcert", "ssl-cert", "ssl_cert"]) ?? both;
  const key = file(["tls_key", "sslkey", "ssl-key", "ssl_key"]) ?? both;
  const servername = take("tls_server_name");
  const isLax = [take("tlsInsecure"), take("tlsAllowInvalidCertificates")].includes("true");
  if ((cert === undefined) !== (key === undefined))
    throw new TypeError(
      `tls_cert and tls_key are given together; tls_${cert === undefined ? "cert" : "key"} is missing`,
    );
  const given = ca !== undefined || servername !== undefined ? "verify" : cert !== undefined ? "require" : initial;
  // Whoever names an authority wants it asked, as libpq takes it too.
  const mode = said === "require" && ca !== undefined ? "verify" : (said ?? given);
  if (mode === "off") return undefined;
  const tls = { mode: isLax ? "require" : mode, ca, cert, servername } as const;
  return Object.defineProperty(tls as typeof tls & { key: string | undefined }, "key", { value: key });
}

function readPem(name: string, path: string, folder: string): string {
  const file = resolvePath(path, folder);
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why = code === "ENOENT" ? "there is no such file" : `it cannot be read (${code})`;
    throw new TypeError(`${name} is ${file}, but ${why}`, { cause: error });
  }
}
