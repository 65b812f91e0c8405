/**
 * Gives memory that C's allocator keeps after a `free` back to the system. glibc keeps hundreds of MB of freed buffers,
 * which would count as used; elsewhere this does nothing.
 */
export async function trimMemory(): Promise<void> {
  trim ??= findTrim();
  (await trim)();
}

let trim: Promise<() => void> | undefined;

async function findTrim(): Promise<() => void> {
  if (process.platform !== "linux") return () => {};
  try {
    const { default: koffi } = await import("koffi");
    const mallocTrim = koffi.load(null).func("int malloc_trim(size_t pad)") as (pad: number) => number;
    return () => void mallocTrim(0);
  } catch {
    return () => {}; // musl, or no build of koffi for this machine
  }
}
