import type { ChangeStreamDocument, ChangeStreamOptions, Collection, Document } from "mongodb";
import { currentOutput } from "../../display/output.ts";

/** Gives the changes of a collection as they come, until the cell that reads them is interrupted or leaves the loop. */
export async function* changesOf<T extends Document>(
  collection: Collection,
  pipeline: readonly Document[],
  options: ChangeStreamOptions,
): AsyncGenerator<ChangeStreamDocument<T>, void> {
  const { signal } = currentOutput();
  if (signal.aborted) return;
  const stream = collection.watch<T, ChangeStreamDocument<T>>([...pipeline], options);
  const stop = (): void => void stream.close();
  signal.addEventListener("abort", stop, { once: true });
  try {
    for await (const change of stream) yield change;
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    signal.removeEventListener("abort", stop);
    await stream.close();
  }
}
