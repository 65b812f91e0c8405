import { createHash } from "node:crypto";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";

/** A package by its versions: the fields of its `package.json`, and its other files. */
export type Published = Readonly<
  Record<string, { readonly fields?: Record<string, unknown>; readonly files?: Record<string, string> }>
>;

/** An npm registry on the loopback address. */
export interface Registry {
  readonly url: string;
  /** Sends a package's archives by half only, until `release`; resolves when one is asked for. */
  stall(name: string): Promise<void>;
  release(): void;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Starts a registry that has the given packages, and finds each by a part of its name. */
export async function startRegistry(packages: Readonly<Record<string, Published>>): Promise<Registry> {
  const stalled = new Map<string, () => void>();
  const server = createServer(({ url = "/" }, response) => {
    const { pathname, searchParams } = new URL(url, "http://registry");
    const path = decodeURIComponent(pathname).slice(1);
    const [, of = "", version = ""] = /^(.+)\/-\/(.+)\.tgz$/.exec(path) ?? [];
    if (path === "-/v1/search") search(searchParams.get("text") ?? "", response);
    else if (version !== "") sendArchive(of, version, response);
    else sendPackage(path, response);
  });

  function sendPackage(name: string, response: ServerResponse): void {
    const published = packages[name];
    if (!published) return answer(response, { error: "not_found" }, 404);
    const versions = Object.entries(published).map(([version, content]) => {
      const archive = pack(name, version, content);
      const integrity = `sha512-${createHash("sha512").update(archive).digest("base64")}`;
      const dist = { tarball: `${address()}/${name}/-/${version}.tgz`, integrity };
      return [version, { name, version, ...content.fields, dist }] as const;
    });
    answer(response, { name, "dist-tags": { latest: versions.at(-1)![0] }, versions: Object.fromEntries(versions) });
  }

  function sendArchive(name: string, version: string, response: ServerResponse): void {
    const archive = pack(name, version, packages[name]![version]!);
    if (!stalled.has(name)) {
      response.end(archive);
      return;
    }
    response.write(archive.subarray(0, archive.length / 2));
    stalled.get(name)?.();
  }

  function search(text: string, response: ServerResponse): void {
    const found = Object.keys(packages).filter((name) => name.includes(text.slice(0, 4)));
    const objects = found.map((name) => ({ package: { name, version: "1.0.0", links: {}, maintainers: [] } }));
    answer(response, { objects, total: objects.length });
  }

  const address = (): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  return {
    url: address(),
    stall: (name) => new Promise((resolve) => stalled.set(name, resolve)),
    release: () => stalled.clear(),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}

function answer(response: ServerResponse, content: unknown, status = 200): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(content));
}

function pack(name: string, version: string, { fields, files }: Published[string]): Buffer {
  const all = { "package.json": JSON.stringify({ name, version, ...fields }), ...files };
  const parts = Object.entries(all).flatMap(([file, text]) => tarEntry(`package/${file}`, Buffer.from(text)));
  return gzipSync(Buffer.concat([...parts, Buffer.alloc(1024)]));
}

/** Writes a file of a tar archive (POSIX ustar). */
function tarEntry(path: string, content: Buffer): readonly Buffer[] {
  const header = Buffer.alloc(512);
  header.write(path, 0);
  header.write("0000644\0", 100);
  header.write(`${content.length.toString(8).padStart(11, "0")}\0`, 124);
  header.write("00000000000\0", 136);
  header.write("        0", 148);
  header.write("ustar\u000000", 257);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  return [header, content, Buffer.alloc((512 - (content.length % 512)) % 512)];
}
