import { existsSync } from "node:fs";
import { copyFile, mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ServerFailure } from "./failure.ts";
import { findProgram } from "./install.ts";
import { runTool } from "./tool.ts";
import { type User, giveTo } from "./unprivileged.ts";

/** Paths of a server's certificate, of its key, and of the certificate of the authority that clients are to trust. */
export interface Tls {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

const days = "3650";
const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];

/** Makes an authority and a certificate for 127.0.0.1 and localhost, once for each server. The authority's key is not kept. */
export async function makeCertificates(folder: string, user: User | undefined, signal: AbortSignal): Promise<Tls> {
  const at = (name: string): string => join(folder, "tls", name);
  const tls: Tls = { ca: at("ca.pem"), cert: at("server.pem"), key: at("server.key") };
  if (existsSync(tls.ca)) return tls;
  const openssl = findProgram("openssl");
  if (openssl === undefined) {
    throw new ServerFailure(
      "--tls makes certificates with openssl, which is not there: install openssl, or leave out --tls",
    );
  }
  await rm(join(folder, "tls"), { recursive: true, force: true });
  await mkdir(join(folder, "tls"), { mode: 0o755 });
  const run = (args: string): Promise<string> =>
    runTool(openssl, args.split(" "), { signal, cwd: join(folder, "tls") });
  await run(
    `req -x509 ${newKey.join(" ")} -keyout ca.key -out authority.pem -days ${days} -subj /CN=Typhoon-${process.pid}`,
  );
  await run(`req ${newKey.join(" ")} -keyout server.key -out server.csr -subj /CN=localhost`);
  await writeFile(at("names"), "subjectAltName=IP:127.0.0.1,DNS:localhost\nbasicConstraints=CA:FALSE\n");
  await run(
    `x509 -req -in server.csr -CA authority.pem -CAkey ca.key -set_serial 1 -days ${days} -extfile names -out server.pem`,
  );
  await Promise.all(["ca.key", "server.csr", "names"].map((name) => rm(at(name))));
  await giveTo(user, tls.key);
  // The authority's file comes last: where it is, all is.
  await copyFile(at("authority.pem"), tls.ca);
  return tls;
}

/** The parameters by which a URL asks for TLS with this authority. */
export function tlsParameters(tls: Tls | undefined): string {
  return tls ? `?tls=verify&tls_ca=${encodeURIComponent(tls.ca)}` : "";
}
