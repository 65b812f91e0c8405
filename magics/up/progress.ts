import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";

const lookMs = 400;

/** Does work that fills a folder under a progress bar that counts its bytes. */
export async function showStep<T>(label: string, folder: string, work: () => Promise<T>): Promise<T> {
  const { progress } = await import("../../display/progress.ts");
  const bar = progress.start({ label, unit: "bytes" });
  let isLooking = false;
  const look = async (): Promise<void> => {
    if (isLooking) return;
    isLooking = true;
    bar.set(await sizeOf(folder));
    isLooking = false;
  };
  const timer = setInterval(() => void look(), lookMs);
  try {
    const done = await work();
    bar.set(await sizeOf(folder));
    bar.done();
    return done;
  } catch (error) {
    bar.fail();
    throw error;
  } finally {
    clearInterval(timer);
  }
}

/** Adds up the bytes of all files below a folder that is being filled. */
async function sizeOf(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
  const sizes = await Promise.all(
    files.map((file) =>
      stat(file).then(
        ({ size }) => size,
        () => 0,
      ),
    ),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}
