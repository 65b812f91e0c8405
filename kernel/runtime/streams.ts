import { Console } from "node:console";
import { Writable } from "node:stream";
import { StringDecoder } from "node:string_decoder";
import { inspect } from "node:util";
import process from "node:process";
import type { Output } from "../../display/output.ts";
import { anyWaits, makeWay } from "../../display/queue.ts";
import type { StreamName } from "../protocol/contents.ts";
import { type RunningCell, cellStorage } from "./interrupts.ts";
import { sendStream } from "./wire.ts";

let lastCell: RunningCell | undefined;

/** Remembers the cell that ran last, for output whose cell is unknown. */
export function setLastCell(cell: RunningCell): void {
  lastCell = cell;
}

/** The cell to which output of the code that is running now belongs. */
export function outputCell(): RunningCell | undefined {
  return cellStorage.getStore() ?? lastCell;
}

/** Writes text to a cell's stream. */
export function writeStream(cell: RunningCell | undefined, name: StreamName, text: string): void {
  if (text === "") return;
  makeWayFor(cell);
  const capture = cell && captures.get(cell)?.at(-1);
  if (capture) capture({ type: "stream", content: { name, text } });
  else sendStream(cell?.id, name, text);
}

// A character's bytes may come in two writes of a cell.
type Decoders = Readonly<Record<StreamName, StringDecoder>>;
const decoders = new WeakMap<RunningCell, Decoders>();
const createDecoders = (): Decoders => ({ stdout: new StringDecoder("utf8"), stderr: new StringDecoder("utf8") });
const decodersOfNone = createDecoders();

function decodersOf(cell: RunningCell | undefined): Decoders {
  const known = cell ? decoders.get(cell) : decodersOfNone;
  if (known) return known;
  const created = createDecoders();
  decoders.set(cell!, created);
  return created;
}

/** Writes text or UTF-8 to a stream of the cell whose code runs now. */
export function writeChunk(name: StreamName, chunk: string | Uint8Array): void {
  const cell = outputCell();
  writeStream(cell, name, typeof chunk === "string" ? chunk : decodersOf(cell)[name].write(Buffer.from(chunk)));
}

/** Each cell's output, once it was asked for. */
export const outputs: WeakMap<RunningCell, Output> = new WeakMap();

/** Lets what a cell writes now go past its displays that are still being made. */
export function makeWayFor(cell: RunningCell | undefined): void {
  const output = cell && anyWaits() && outputs.get(cell);
  if (output) makeWay(output);
}

/** Takes a cell's publications instead of the kernel, the newest capture first. */
export const captures: WeakMap<
  RunningCell,
  ((publication: { type: string; content: Readonly<Record<string, unknown>> }) => void)[]
> = new WeakMap();

/** `process.stdout` and `process.stderr` of cells: whatever is written belongs to the cell that writes. */
class CellStream extends Writable {
  readonly #name: StreamName;
  readonly #colors: boolean;
  readonly fd: number;
  readonly isTTY = false;
  readonly columns = 120;

  constructor(name: StreamName, colors: boolean) {
    // It is never closed, so `finish` is the last that a pipeline waits for.
    super({ decodeStrings: false, autoDestroy: false, emitClose: false });
    this.#name = name;
    this.#colors = colors;
    this.fd = name === "stdout" ? 1 : 2;
  }

  override write(chunk: unknown, encoding?: unknown, callback?: unknown): boolean {
    const done = typeof encoding === "function" ? encoding : callback;
    writeChunk(this.#name, chunk as string | Uint8Array);
    if (typeof done === "function") process.nextTick(done);
    return true;
  }

  /** Says that all was written and closes nothing, as Node's own: the next cell writes again. */
  override end(chunk?: unknown, encoding?: unknown, callback?: unknown): this {
    const done = [chunk, encoding, callback].find((argument) => typeof argument === "function");
    if (chunk !== undefined && chunk !== null && typeof chunk !== "function") this.write(chunk);
    if (typeof done === "function") process.nextTick(done);
    process.nextTick(() => this.emit("finish"));
    return this;
  }

  override destroy(): this {
    return this;
  }

  hasColors(): boolean {
    return this.#colors;
  }

  getColorDepth(): number {
    return this.#colors ? 8 : 1;
  }
}

/** Node prints `undefined` and the like in bright black, which cannot be read on JupyterLab's dark theme. */
function chooseReadableColors(): void {
  const styles = inspect.styles as Record<string, string>;
  for (const [kind, color] of Object.entries(styles)) if (color === "grey") styles[kind] = "dim";
}

/**
 * Makes `process.stdout`, `process.stderr` and `console` write to the cell that uses them. The streams of a worker stay the
 * objects that they are, since the main thread speaks to them.
 */
export function takeOverStreams(colors: boolean, isWorker = false): void {
  chooseReadableColors();
  const streams = { stdout: new CellStream("stdout", colors), stderr: new CellStream("stderr", colors) };
  for (const [name, stream] of Object.entries(streams)) {
    if (isWorker) process[name as keyof typeof streams].write = stream.write.bind(stream);
    else Object.defineProperty(process, name, { get: () => stream, configurable: true, enumerable: true });
  }
  // `node:console` and the global are one object: its methods are replaced, so that both print in colours to the cell.
  const cellConsole = new Console({ ...streams, colorMode: colors, ignoreErrors: false });
  indentByCell(cellConsole);
  for (const [key, method] of Object.entries(cellConsole)) {
    if (typeof method === "function") (console as unknown as Record<string, unknown>)[key] = method;
  }
}

/** Keeps apart the groups of `console.group`, which a cell that throws leaves open. */
function indentByCell(cellConsole: Console): void {
  const key = Object.getOwnPropertySymbols(cellConsole).find(
    (symbol) => symbol.description?.startsWith("kGroupIndent") && typeof Reflect.get(cellConsole, symbol) === "string",
  );
  if (!key) return; // a Node that keeps it elsewhere
  const indents = new WeakMap<object, string>();
  const nobody = {};
  Object.defineProperty(cellConsole, key, {
    get: () => indents.get(outputCell() ?? nobody) ?? "",
    set(indent: string) {
      indents.set(outputCell() ?? nobody, indent);
    },
  });
}
