import type { MimeBundle } from "../display/mimebundle.ts";
import type { ProgressBar } from "../display/progress.ts";

/** How far a query is, in rows read; the total is the system's estimate, where it has one. */
export interface QueryProgress {
  readonly rows: number;
  readonly total: number | undefined;
  /** Bytes of these rows, where they are written. */
  readonly bytes?: number;
}

/** Shortest query that shows how far it is. */
const quietMs = 500;
/** How long after its first rows a query shows them, where it has not ended by then. */
const previewMs = 100;
/** A display is updated at most four times a second. */
const updateMs = 250;

/** Takes what shows a query's first rows. */
export type ShowFirst = (preview: () => Promise<MimeBundle>) => void;

/** Runs a query; while it takes long, a bar shows how far it is, and its first rows. */
export async function withProgress<T>(
  label: string,
  read: () => QueryProgress,
  query: (showFirst: ShowFirst) => Promise<T>,
): Promise<T> {
  let bar: Promise<ProgressBar> | undefined;
  let most = 0;
  let timer: NodeJS.Timeout | undefined = setTimeout(update, quietMs);
  let previewTimer: NodeJS.Timeout | undefined;
  // Neither an interrupted query nor a display that fails leaves anything unhandled here.
  const show = (change: (shown: ProgressBar) => void): void => {
    bar ??= startBar(label);
    bar.then((shown) => timer && change(shown)).catch(() => {});
  };
  function update(): void {
    const { rows, total, bytes } = read();
    most = rows;
    show((shown) => shown.set(rows, total, bytes));
    timer = setTimeout(update, updateMs);
  }
  const showFirst: ShowFirst = (preview) => {
    previewTimer ??= setTimeout(() => {
      preview().then(
        (bundle) => show((shown) => shown.preview(bundle)),
        () => {},
      );
    }, previewMs);
  };
  const end = (): void => {
    clearTimeout(timer);
    clearTimeout(previewTimer);
    timer = undefined;
  };
  try {
    const result = await query(showFirst);
    end();
    const shown = await bar;
    const { rows, total, bytes } = read();
    // A system that has ended a query may know nothing of it any more.
    if (rows > most) shown?.set(rows, total, bytes);
    shown?.done();
    return result;
  } catch (error) {
    end();
    (await bar)?.fail();
    throw error;
  }
}

async function startBar(label: string): Promise<ProgressBar> {
  const { progress } = await import("../display/progress.ts");
  return progress.start({ label, unit: "rows" });
}
