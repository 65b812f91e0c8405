import childProcess, { type ChildProcess, type SpawnSyncReturns } from "node:child_process";
import { StringDecoder } from "node:string_decoder";
import type { StreamName } from "../protocol/contents.ts";
import { noteChild } from "./child-lifetime.ts";
import { type InheritedStream, fence, openInherited } from "./inherited-output.ts";
import type { RunningCell } from "./interrupts.ts";
import { replace } from "./replace.ts";
import { captures, outputCell, writeStream } from "./streams.ts";

// A child with `stdio: "inherit"` would write to the runtime's own pipes, in which nothing tells the cell. It gets a
// connection of its cell's instead, which the kernel process reads whatever this process does; where the output is captured,
// or the system has no such connection, this process reads it.

type Options = Record<string, unknown>;
interface Target {
  /** Place in `stdio`. */
  readonly index: number;
  readonly name: StreamName;
}
type Way =
  | { readonly kind: "connected"; readonly streams: readonly InheritedStream[] }
  | { readonly kind: "piped" }
  | { readonly kind: "plain" };

/** Makes the output of children that inherit stdout or stderr belong to the cell that starts them. */
export function takeOverChildOutput(): void {
  replaceAsync();
  replaceSync();
}

/** The stream of ours that an entry of `stdio` at `index` means. */
function streamAt(entry: unknown, index: number): StreamName | undefined {
  const fd =
    entry === "inherit"
      ? index
      : typeof entry === "object" && entry !== null && typeof Reflect.get(entry, "fd") === "number"
        ? (Reflect.get(entry, "fd") as number)
        : entry;
  return fd === 1 ? "stdout" : fd === 2 ? "stderr" : undefined;
}

function targetsOf(stdio: readonly unknown[]): readonly Target[] {
  return stdio.flatMap((entry, index) => {
    const name = streamAt(entry, index);
    return name ? [{ index, name }] : [];
  });
}

// An interrupt during a synchronous call ends the code that would close them.
let leftOpen: readonly InheritedStream[] = [];

/** Chooses how the targets reach the cell, and puts that into `stdio`. */
function redirect(stdio: unknown[], targets: readonly Target[], cell: RunningCell, sync: boolean): Way {
  for (const stream of leftOpen) stream.close();
  leftOpen = [];
  if (!captures.get(cell)?.length) {
    const open = new Map<StreamName, InheritedStream>();
    for (const { name } of targets) {
      const stream = open.get(name) ?? openInherited(cell, name);
      if (stream) open.set(name, stream);
    }
    const streams = [...open.values()];
    if (targets.every(({ name }) => open.has(name))) {
      for (const { index, name } of targets) stdio[index] = open.get(name)!.fd;
      leftOpen = streams;
      return { kind: "connected", streams };
    }
    for (const stream of streams) stream.close();
    if (sync) return { kind: "plain" }; // piped, it would be seen at the child's end only
  }
  for (const { index } of targets) stdio[index] = "pipe";
  return { kind: "piped" };
}

function closeAll(streams: readonly InheritedStream[]): void {
  for (const stream of streams) stream.close();
  leftOpen = [];
}

function toList(stdio: unknown): unknown[] | undefined {
  if (Array.isArray(stdio)) return [...(stdio as unknown[])];
  return stdio === "inherit" ? ["inherit", "inherit", "inherit"] : undefined;
}

/** All ways to start a child go through this method. */
function replaceAsync(): void {
  const { prototype } = childProcess.ChildProcess as unknown as {
    prototype: { spawn(this: ChildProcess, options: Options): unknown };
  };
  const { spawn: original } = prototype;
  const spawn = function (this: ChildProcess, options: Options): unknown {
    const result = original.call(this, options);
    noteChild(this, Boolean(options?.["detached"]));
    return result;
  };
  replace(prototype, "spawn", function (this: ChildProcess, options: Options) {
    const stdio = toList(options?.["stdio"]);
    const targets = stdio ? targetsOf(stdio) : [];
    const cell = outputCell();
    if (!stdio || !cell || targets.length === 0) return spawn.call(this, options);
    const way = redirect(stdio, targets, cell, false);
    if (way.kind === "connected") {
      // Before the listeners of the cell, which may print.
      this.prependOnceListener("exit", () => fence(way.streams));
      try {
        return spawn.call(this, { ...options, stdio });
      } finally {
        closeAll(way.streams);
      }
    }
    const result = spawn.call(this, { ...options, stdio });
    for (const target of targets) forward(this, target, cell);
    return result;
  });
}

/** Writes what a child's pipe brings to a cell's stream, and hides the pipe, as a child that inherits has none. */
function forward(child: ChildProcess, { index, name }: Target, cell: RunningCell): void {
  const pipe = child.stdio?.[index] as NodeJS.ReadableStream | null | undefined;
  if (!pipe) return; // it could not be started
  pipe.setEncoding("utf8");
  pipe.on("data", (text: string) => writeStream(cell, name, text));
  pipe.on("error", () => {});
  (child.stdio as unknown[])[index] = null;
  if (index === 1) child.stdout = null;
  if (index === 2) child.stderr = null;
}

type SyncCall = (...args: unknown[]) => unknown;
type Ended = Omit<SpawnSyncReturns<Buffer | string | null>, "output"> & { output: unknown[] | null };

const { spawnSync } = childProcess;

function replaceSync(): void {
  const module = childProcess as unknown as Record<string, SyncCall>;
  for (const name of ["spawnSync", "execFileSync", "execSync"]) {
    const original = module[name]!;
    replace(module, name, (...args: unknown[]) => {
      const at = args.findIndex((arg, i) => i > 0 && typeof arg === "object" && arg !== null && !Array.isArray(arg));
      const options = args[at] as Options | undefined;
      const stdio = toList(options?.["stdio"]);
      const targets = stdio ? targetsOf(stdio) : [];
      const cell = outputCell();
      if (!stdio || !cell || targets.length === 0) return original(...args);
      const way = redirect(stdio, targets, cell, true);
      if (way.kind === "plain") return original(...args);
      const changed = args.with(at, { ...options, stdio, ...(way.kind === "piped" && { maxBuffer: Infinity }) });
      if (way.kind === "connected") {
        try {
          return original(...changed);
        } finally {
          closeAll(way.streams);
          fence(way.streams);
        }
      }
      // The others return stdout only.
      const ended: Ended = (name === "execSync" ? spawnCommand : spawnSync)(...(changed as [string]));
      deliver(ended, targets, cell);
      return name === "spawnSync" ? ended : outcome(ended, args);
    });
  }
}

function spawnCommand(command: string, options?: object): Ended {
  return spawnSync(command, { shell: true, ...options });
}

/** What `execSync` and `execFileSync` return or throw. */
function outcome(ended: Ended, args: readonly unknown[]): unknown {
  if (ended.error) throw Object.assign(ended.error, ended);
  if (ended.status === 0) return ended.stdout;
  const { error: _, ...properties } = ended;
  const words = [args[0], ...(Array.isArray(args[1]) ? (args[1] as unknown[]) : [])];
  throw Object.assign(new Error(`Command failed: ${words.join(" ")}`), properties);
}

function writeText(cell: RunningCell, name: StreamName, data: unknown): void {
  if (typeof data === "string") writeStream(cell, name, data);
  else if (ArrayBuffer.isView(data)) writeStream(cell, name, new StringDecoder("utf8").end(data as Buffer));
}

/** Writes what a child printed to the cell, and takes it out of the result. */
function deliver(ended: Ended, targets: readonly Target[], cell: RunningCell): void {
  if (!ended.output) return; // it could not be started
  for (const { index, name } of targets) {
    writeText(cell, name, ended.output[index]);
    ended.output[index] = null;
  }
  if (targets.some(({ index }) => index === 1)) ended.stdout = null;
  if (targets.some(({ index }) => index === 2)) ended.stderr = null;
}
