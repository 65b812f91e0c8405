import { createRequire } from "node:module";

/** The ends of a pipe as file descriptors, which a child process has only if it is given them. */
export interface Pipe {
  readonly read: number;
  readonly write: number;
}

/**
 * Opens a pipe. What Node gives a child for a pipe is a socket, and Linux opens no socket by a path: a script's
 * `echo … > /dev/stderr` would fail. Undefined where the two are alike, or the system gives none.
 */
export function openPipe(): Pipe | undefined {
  make ??= findMaker();
  return make();
}

let make: (() => Pipe | undefined) | undefined;

const closeOnExec = 0o2_000_000; // O_CLOEXEC

function findMaker(): () => Pipe | undefined {
  if (process.platform !== "linux") return () => undefined;
  try {
    const koffi = createRequire(import.meta.url)("koffi") as typeof import("koffi");
    const pipe2 = koffi.load(null).func("int pipe2(_Out_ int *ends, int flags)");
    return () => {
      const ends: [number, number] = [-1, -1];
      return pipe2(ends, closeOnExec) === 0 ? { read: ends[0], write: ends[1] } : undefined;
    };
  } catch {
    return () => undefined; // no build of koffi for this machine
  }
}
