import fs from "node:fs";
import { constants } from "node:os";
import type { StreamName } from "../protocol/contents.ts";
import { descriptors } from "./link.ts";
import { replace } from "./replace.ts";
import { writeChunk } from "./streams.ts";

// File descriptors 1 and 2 are pipes in which nothing tells the cell. What the fs module writes to them goes to the cell
// that calls, in its place among the prints. Native code still writes to the pipes.

type Call = (...args: unknown[]) => unknown;

const streams = { stdout: 1, stderr: 2 } as const;
const paths = new Map<unknown, StreamName>(
  Object.entries(streams).flatMap(([name, fd]) =>
    [`/dev/${name}`, `/dev/fd/${fd}`, `/proc/self/fd/${fd}`].map((path) => [path, name as StreamName] as const),
  ),
);

/** The stream that a file descriptor or a path of the fs module means. */
function streamOf(target: unknown): StreamName | undefined {
  if (typeof target === "number") return target === 1 ? "stdout" : target === 2 ? "stderr" : undefined;
  return typeof target === "string" ? paths.get(target) : undefined;
}

/** The bytes that the arguments after the descriptor mean; undefined where Node is to refuse them. */
function bytesOf(data: unknown, offset?: unknown, length?: unknown): Uint8Array | undefined {
  if (typeof data === "string") {
    // (string, position, encoding)
    return Buffer.from(data, typeof length === "string" ? (length as BufferEncoding) : "utf8");
  }
  if (!ArrayBuffer.isView(data)) return undefined;
  const given =
    typeof offset === "object" && offset !== null ? (offset as Record<string, unknown>) : { offset, length };
  const from = given["offset"] ?? 0;
  const count = given["length"] ?? data.byteLength - Number(from);
  if (!Number.isInteger(from) || !Number.isInteger(count)) return undefined;
  const [start, size] = [Number(from), Number(count)];
  if (start < 0 || size < 0 || start + size > data.byteLength) return undefined;
  return Buffer.from(data.buffer, data.byteOffset + start, size);
}

function joined(buffers: unknown): Uint8Array | undefined {
  return Array.isArray(buffers) && buffers.every((part) => ArrayBuffer.isView(part))
    ? Buffer.concat(buffers.map((part) => bytesOf(part)!))
    : undefined;
}

function fileBytes(data: unknown, options: unknown): Uint8Array | undefined {
  const encoding = typeof options === "object" && options !== null ? Reflect.get(options, "encoding") : options;
  return bytesOf(data, null, encoding);
}

/** Functions that write to their first argument: how they name the bytes. */
const writers: Record<string, (args: readonly unknown[]) => Uint8Array | undefined> = {
  write: ([, ...rest]) => bytesOf(...(rest as [unknown])),
  writev: ([, buffers]) => joined(buffers),
  writeFile: ([, data, options]) => fileBytes(data, options),
  appendFile: ([, data, options]) => fileBytes(data, options),
};

/** What a call tells its callback, or returns. */
function resultOf(name: string, bytes: Uint8Array, data: unknown): readonly unknown[] {
  return name === "write" || name === "writev" ? [bytes.length, data] : [];
}

/** Makes the fs module's writes to descriptors 1 and 2 belong to the cell that calls it. */
export function takeOverRawWrites(): void {
  const module = fs as unknown as Record<string, Call>;
  const promises = fs.promises as unknown as Record<string, Call>;
  for (const [name, read] of Object.entries(writers)) {
    const sync = module[`${name}Sync`]!;
    replace(module, `${name}Sync`, (...args: unknown[]) => {
      const stream = streamOf(args[0]);
      const bytes = stream && read(args);
      if (!bytes) return sync(...args);
      writeChunk(stream, bytes);
      return resultOf(name, bytes, args[1])[0];
    });
    const later = module[name]!;
    replace(module, name, (...args: unknown[]) => {
      const callback = args.at(-1);
      const stream = streamOf(args[0]);
      const bytes = stream && typeof callback === "function" ? read(args.slice(0, -1)) : undefined;
      if (!bytes) return later(...args);
      writeChunk(stream!, bytes);
      setImmediate(callback as Call, null, ...resultOf(name, bytes, args[1]));
      return undefined;
    });
    const promised = promises[name];
    if (!promised) continue;
    replace(promises, name, async (...args: unknown[]) => {
      const stream = streamOf(args[0]);
      const bytes = stream && read(args);
      if (!bytes) return promised(...args);
      writeChunk(stream, bytes);
      return undefined;
    });
  }
  takeOverOpening(module);
  const { open } = promises as { open: Call };
  replace(promises, "open", (...args: unknown[]) => {
    const stream = paths.get(args[0]);
    return stream ? openHandle(stream, open) : open(...args);
  });
}

/** Opens a handle whose writes belong to the cell that writes. */
async function openHandle(name: StreamName, open: Call): Promise<object> {
  const handle = (await open("/dev/null", "w")) as Record<string, Call>;
  for (const [method, read] of Object.entries(writers)) {
    const refuse = handle[method]!.bind(handle);
    const write = async (...args: unknown[]): Promise<unknown> => {
      const bytes = read([handle, ...args]);
      if (!bytes) return refuse(...args);
      writeChunk(name, bytes);
      const [bytesWritten, buffer] = resultOf(method, bytes, args[0]);
      if (method === "write") return { bytesWritten, buffer };
      return method === "writev" ? { bytesWritten, buffers: buffer } : undefined;
    };
    Object.defineProperty(handle, method, { value: write, configurable: true, writable: true });
  }
  return Object.defineProperty(handle, "fd", { value: streams[name], configurable: true });
}

/** Whether a descriptor is one by which this process speaks with the kernel process, which no cell has opened. */
function isOurs(fd: unknown): boolean {
  return Object.values<unknown>(descriptors).includes(fd);
}

/** What Node throws for a descriptor that is not open. */
function badDescriptor(): NodeJS.ErrnoException {
  const { EBADF: errno } = constants.errno;
  return Object.assign(new Error("EBADF: bad file descriptor, close"), {
    errno: -errno,
    code: "EBADF",
    syscall: "close",
  });
}

/** A socket cannot be opened by its path; and a number that is closed would be given to the next file. */
function takeOverOpening(module: Record<string, Call>): void {
  const { openSync, open, closeSync, close } = module as Record<"openSync" | "open" | "closeSync" | "close", Call>;
  replace(module, "openSync", (...args: unknown[]) => {
    const stream = paths.get(args[0]);
    return stream ? streams[stream] : openSync(...args);
  });
  replace(module, "open", (...args: unknown[]) => {
    const stream = paths.get(args[0]);
    const callback = args.at(-1);
    return stream && typeof callback === "function"
      ? setImmediate(callback as Call, null, streams[stream])
      : open(...args);
  });
  replace(module, "closeSync", (fd: unknown, ...rest: unknown[]) => {
    if (isOurs(fd)) throw badDescriptor();
    return typeof fd === "number" && streamOf(fd) ? undefined : closeSync(fd, ...rest);
  });
  replace(module, "close", (fd: unknown, ...rest: unknown[]) => {
    const error = isOurs(fd) ? badDescriptor() : null;
    if (!error && !(typeof fd === "number" && streamOf(fd))) return close(fd, ...rest);
    return typeof rest[0] === "function" ? setImmediate(rest[0] as Call, error) : undefined;
  });
}
