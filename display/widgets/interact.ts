import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { inspect } from "node:util";
import { display } from "../api.ts";
import { isHandle, markHandle } from "../handle.ts";
import { currentOutput } from "../output.ts";
import { type Place, collectOutput, placeHere } from "../place.ts";
import { finishWith } from "../queue.ts";
import { type Abbreviation, type ControlOf, type ValueOf, toControl } from "./abbreviation.ts";
import { type Box, type BoxChild, box } from "./box.ts";
import { button } from "./button.ts";
import { createControlModels } from "./control.ts";
import { createLatest } from "./latest.ts";
import { type Outputs, type SavedOutput, createOutputs, describeOutputs } from "./outputs.ts";
import { asView } from "./view.ts";

/** How `interact` runs its function. */
export interface InteractOptions {
  /** Runs the function by a button instead of at every change: for what takes long or costs. */
  readonly manual?: boolean;
}

/** Controls with a function that runs at every change. */
export interface Interaction<C> {
  readonly controls: { readonly [name in keyof C]: ControlOf<C[name]> };
  /** The controls and below them the function's output, as one widget to show elsewhere or to put into a box. */
  readonly view: Box;
  /** Runs the function now; resolves when its output is shown. */
  run(): Promise<void>;
  /** Takes the output and the controls that it made off the page, and runs the function no more. */
  close(): void;
}

/**
 * Shows controls, and runs a function with their values now and at every change:
 * `interact(({ n, smooth }) => plot(…), { n: [1, 50], smooth: true })`.
 * What the function returns, prints and shows, and its errors, appear below the controls in place of the last run's.
 */
export function interact<const C extends Readonly<Record<string, Abbreviation>>>(
  run: (values: { [name in keyof C]: ValueOf<C[name]> }) => unknown,
  controls: C,
  { manual = false }: InteractOptions = {},
): Interaction<C> {
  if (typeof run !== "function")
    throw new TypeError("interact needs a function: interact(({ n }) => …, { n: [0, 10] })");
  if (typeof controls !== "object" || controls === null || Array.isArray(controls))
    throw new TypeError("interact needs controls by name: interact(({ n }) => …, { n: [0, 10] })");
  const entries = Object.entries(controls).map(([name, given]) => ({ name, ...toControl(name, given) }));
  const output = currentOutput();
  const area = createOutputArea(() => describeOutputs(outputs.list));
  const outputs: Outputs = createOutputs(
    (list) => area.show(list),
    (bundle, displayId) => output.display(bundle, { displayId, update: true }),
  );
  let stop = (): void => {};
  let pause = (_ms: number): Promise<boolean> => Promise.resolve(true);
  let runs = 0;
  /** What the last run threw. */
  let failure: { readonly error: unknown } | undefined;
  const latest = createLatest({
    async run() {
      const values = Object.fromEntries(entries.map(({ name, control }) => [name, control.value]));
      const place = collectOutput(outputs.begin());
      let stopped = false;
      let interrupted = false;
      failure = undefined;
      runs += 1;
      stop = () => {
        stopped = true;
        outputs.abandon();
        place.stop();
      };
      pause = (ms) => pauseIn(place, ms);
      await place.run(async () => {
        const { signal } = currentOutput();
        try {
          await callAndShow(() => run(values as never), signal);
        } catch (error) {
          if (!stopped) failure = { error };
          throw error;
        } finally {
          interrupted = signal.aborted && !stopped;
        }
      });
      if (!stopped) outputs.show();
      return !interrupted;
    },
    stop: () => stop(),
    pause: (ms) => pause(ms),
  });
  // The function's output has its own place; what starts it at a change is this cell.
  const here = placeHere();
  const request = (): void => void here.run(() => void latest.request());
  const trigger = manual ? button("Run", () => latest.request(), { buttonStyle: "primary" }) : undefined;
  const offs = manual ? [] : entries.map(({ control }) => control.on(request));
  const shown: BoxChild[] = [...entries.map(({ control }) => control), ...(trigger ? [trigger] : []), area];
  const view = box("VBox", shown, {}, ["widget-interact"]);

  const first = manual ? Promise.resolve() : latest.request();
  const words = inspect(view);
  const shownView = display(view);
  // The cell ends when its first output is there, for those who run notebooks without a person.
  const finishFirst = async (): Promise<void> => {
    await first;
    // What is drawn is up to date; to draw it anew would tear the slider from a hand that moves it meanwhile.
    if (runs <= 1 && inspect(view) !== words) shownView.update(view);
    // Nobody looks at the area: a notebook whose output is an error must not pass.
    if (!output.interactive && failure) throw failure.error;
  };
  finishWith(output, finishFirst());

  const interaction: Interaction<C> = {
    controls: Object.fromEntries(entries.map(({ name, control }) => [name, control])) as Interaction<C>["controls"],
    view,
    run: () => latest.request(),
    close() {
      stop();
      for (const off of offs) off();
      for (const each of [view, area, trigger]) each?.close();
      for (const { control, isNew } of entries) if (isNew) control.close();
    },
  };
  // It has shown itself already: a cell that ends in it shows nothing twice.
  return markHandle(interaction);
}

/** Calls the function and shows what it returns, at once where that is no promise. */
function callAndShow(run: () => unknown, signal: AbortSignal): Promise<void> | undefined {
  const result = run();
  if (typeof result === "object" && result !== null && "then" in result) {
    const show = async (): Promise<void> => {
      const value = await (result as PromiseLike<unknown>);
      if (!signal.aborted) showResult(value);
    };
    const shown = show();
    return Promise.race([shown, ignored(signal, shown)]);
  }
  showResult(result);
  return undefined;
}

/** Time that a run which was interrupted has to end by itself. */
const cleanUpMs = 500;

/** Rejects where an interrupt is not heeded, as by a promise of a library: the person sees that it was interrupted. */
async function ignored(signal: AbortSignal, shown: Promise<void>): Promise<never> {
  const over = new AbortController();
  const end = (): void => over.abort();
  shown.then(end, end);
  if (!signal.aborted) await once(signal, "abort", { signal: over.signal }).catch(() => new Promise(() => {}));
  await delay(cleanUpMs);
  throw signal.reason;
}

/** Waits in a run's place, where the person's interrupt is shown. */
async function pauseIn(place: Place, ms: number): Promise<boolean> {
  let whole = false;
  await place.run(async () => {
    const { signal } = currentOutput();
    await delay(ms, undefined, { signal }).catch(() => {
      throw signal.reason;
    });
    whole = true;
  });
  return whole;
}

function showResult(result: unknown): void {
  if (result === undefined || (typeof result === "object" && result !== null && isHandle(result))) return;
  display(result);
}

interface OutputArea extends BoxChild {
  show(list: readonly SavedOutput[]): void;
  close(): void;
}

/** An area of the page that draws outputs as a cell does (`@jupyter-widgets/output` 1.0). */
function createOutputArea(describe: () => string): OutputArea {
  const kind = { name: "Output", defaults: { msg_id: "", outputs: [] } };
  const { model, close } = createControlModels(kind, {}, "@jupyter-widgets/output", "1.0.0");
  const area = {
    id: model.id,
    get closed() {
      return model.closed;
    },
    show(list: readonly SavedOutput[]) {
      if (!model.closed) model.set({ outputs: list });
    },
    close,
  };
  return asView(area, model.id, describe);
}
