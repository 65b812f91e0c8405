import type { ProgressBar } from "../../display/progress.ts";

/** How far a query is, in rows read; the total is the system's estimate, where it has one. */
export interface QueryProgress {
  readonly rows: number;
  readonly total: number | undefined;
}

/** Shortest query that shows how far it is. */
const quietMs = 500;
/** A display is updated at most four times a second. */
const updateMs = 250;

/** Runs a query; while it takes long, a bar shows how far it is. */
export async function withProgress<T>(label: string, read: () => QueryProgress, query: () => Promise<T>): Promise<T> {
  let bar: Promise<ProgressBar> | undefined;
  let timer: NodeJS.Timeout | undefined = setTimeout(update, quietMs);
  function update(): void {
    bar ??= startBar(label);
    const { rows, total } = read();
    // Neither an interrupted query nor a display that fails leaves anything unhandled here.
    bar.then((shown) => timer && shown.set(rows, total)).catch(() => {});
    timer = setTimeout(update, updateMs);
  }
  const end = (): void => {
    clearTimeout(timer);
    timer = undefined;
  };
  try {
    const result = await query();
    end();
    (await bar)?.done();
    return result;
  } catch (error) {
    end();
    (await bar)?.fail();
    throw error;
  }
}

async function startBar(label: string): Promise<ProgressBar> {
  const { progress } = await import("../../display/progress.ts");
  return progress.start({ label, unit: "rows" });
}
