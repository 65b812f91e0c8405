import { inUsersNames } from "./cell-names.ts";
import { type Paint, codeFrame, createPaint } from "./code-frame.ts";
import { isOwnFile } from "./own-files.ts";
import { type Position, type SourceFinder, type TraceCell, findPosition } from "./source-position.ts";
import { type StackFrame, parseArrow, parseStack } from "./stack-frames.ts";
import { type ErrorParts, bound, isError, read, readError, show } from "./thrown.ts";

/** Where a trace finds its sources, and whether it has colours. */
export interface TraceOptions extends SourceFinder {
  readonly colors: boolean;
  /** The cell that is being compiled: syntax errors that name no file are in it. */
  readonly compiling?: TraceCell | undefined;
}

/** The content of an `error` message. */
export interface FormattedError {
  readonly ename: string;
  readonly evalue: string;
  readonly traceback: string[];
}

const stackTraceLimit = 50;

/** Makes V8 keep enough of a stack that the cell is still in it when our frames and a package's are left out. */
export function raiseStackTraceLimit(): void {
  Error.stackTraceLimit = Math.max(Error.stackTraceLimit, stackTraceLimit);
}

const framesAtTop = 16;
const framesAtBottom = 4;
const mostErrors = 5;
const deepest = 6;

/** Formats whatever was thrown for an `error` message, in the words and places of the user's code. Never throws. */
export function formatError(error: unknown, options: TraceOptions): FormattedError {
  const paint = createPaint(options.colors);
  const traceback = format(error, { options, paint, seen: new Set(), depth: 0 });
  if (!isError(error)) return { ename: "Uncaught", evalue: show(error, 2_000), traceback };
  const parts = readError(error);
  return { ename: parts.name, evalue: messageOf(parts, options), traceback };
}

function format(error: unknown, visit: Visit): string[] {
  try {
    return formatThrown(error, visit);
  } catch {
    // Ours (a source map that is wrong): the user's error must not get lost with it.
    return formatThrown(error, { ...visit, seen: new Set(), options: { colors: false, cells: () => undefined } });
  }
}

interface Visit {
  readonly options: TraceOptions;
  readonly paint: Paint;
  readonly seen: Set<unknown>;
  readonly depth: number;
}

function formatThrown(error: unknown, visit: Visit): string[] {
  const { paint, seen, depth } = visit;
  if (!isError(error)) return [`${paint.error("Uncaught")} ${show(error, 2_000)}`];
  if (seen.has(error)) return [paint.faint("(an error shown above)")];
  if (depth > deepest) return [paint.faint("(more errors)")];
  seen.add(error);
  const parts = readError(error);
  const message = messageOf(parts, visit.options);
  const lines = [message === "" ? paint.error(parts.name) : `${paint.error(parts.name)}: ${message}`];
  const below = { ...visit, depth: depth + 1 };
  lines.push(...(isReadersOwn(parts) ? placeOf(error, parts, visit) : trace(parts, visit)));
  // What the reader can mend is in the message; the error below it speaks of our own calls.
  if (parts.classes.includes("MagicError")) return lines;
  parts.errors.slice(0, mostErrors).forEach((one, i) => {
    lines.push(paint.faint(`  [${i + 1}/${parts.errors.length}]`), ...formatThrown(one, below).map(indent));
  });
  if (parts.errors.length > mostErrors) lines.push(paint.faint(`  … ${parts.errors.length - mostErrors} more errors`));
  if (parts.hasCause) {
    const [first = "", ...rest] = formatThrown(parts.cause, below);
    lines.push(`${paint.faint("Caused by")} ${first}`, ...rest);
  }
  return lines;
}

/** The message; where V8 wrote it about a cell's code, in the cell's names. */
function messageOf({ message, stack, classes }: ErrorParts, options: TraceOptions): string {
  if (classes[0] !== "TypeError") return message;
  try {
    const at = parseStack(stack).find(({ location }) => location !== undefined)?.location;
    const cell = at && options.cells(at.file);
    const line = cell && findPosition(at, options)?.line;
    return cell && line !== undefined ? inUsersNames(message, cell.source, line) : message;
  } catch {
    return message; // a source map that is wrong
  }
}

function indent(line: string): string {
  return `    ${line}`;
}

/** Errors that the message and the place explain: a stack would only show our own code. */
function isReadersOwn({ classes }: ErrorParts): boolean {
  return classes.some((name) => readersOwn.has(name));
}

const readersOwn = new Set(["MagicError", "CellSyntaxError", "ModuleSyntaxError", "ModuleNotFound", "OutOfMemory"]);

function placeOf(error: object, parts: ErrorParts, visit: Visit): readonly string[] {
  const { classes } = parts;
  const { options, paint } = visit;
  if (classes.includes("ModuleNotFound")) {
    const place = placeOfImport(error, options, paint);
    // A `require` runs within a cell's stack.
    return place.length > 0 ? place : trace({ ...parts, extras: [] }, visit);
  }
  const [line, column] = [read(error, "line"), read(error, "column")];
  if (classes.includes("MagicError") || typeof line !== "number" || typeof column !== "number") return [];
  const filename = read(error, "filename");
  const file = typeof filename === "string" ? filename : "";
  const cell = file === "" ? options.compiling : options.cells(file);
  const own = read(error, "source");
  const source = cell?.source ?? (typeof own === "string" ? own : undefined);
  const named = cell ?? { name: findName(file, options), source: source ?? "" };
  return showPlace({ text: `${named.name}:${line}:${column}`, line, column, source }, paint);
}

/** Loading leaves no stack, but the import itself is easy to find. */
function placeOfImport(error: object, options: TraceOptions, paint: Paint): readonly string[] {
  const [importer, specifier] = [String(read(error, "importer")), String(read(error, "specifier"))];
  const source = (options.cells(importer) ?? options.modules?.(importer))?.source ?? "";
  const offset = Math.max(source.indexOf(`"${specifier}"`), source.indexOf(`'${specifier}'`));
  if (offset < 0) return [];
  const before = source.slice(0, offset).split("\n");
  const [line, column] = [before.length, (before.at(-1) ?? "").length + 1];
  const name = options.cells(importer)?.name ?? findName(importer, options);
  return showPlace({ text: `${name}:${line}:${column}`, line, column, source }, paint);
}

function findName(file: string, options: TraceOptions): string {
  // A place without a map keeps its numbers; only the file's name is wanted here.
  const position = findPosition({ file, line: 1, column: 1 }, { cells: options.cells, folder: options.folder });
  return position?.text.replace(/:1:1$/, "") ?? file;
}

function showPlace({ text, line, column, source }: Position, paint: Paint): readonly string[] {
  const frame = source === undefined ? [] : codeFrame(source, line, column, paint);
  return [`   ${paint.place(text)}`, ...frame];
}

interface ShownFrame {
  readonly text: string;
  readonly position: Position | undefined;
}

/** The frames of a stack that the user wants to see, as lines; empty where a source map is wrong. */
export function framesOf(stack: string, finder: SourceFinder): readonly string[] {
  try {
    return shorten(shownFrames(stack, finder).map(({ text }) => text));
  } catch {
    return [];
  }
}

function shownFrames(text: string, finder: SourceFinder): readonly ShownFrame[] {
  const stack = parseStack(text);
  // Native code that hidden code called (`Array.map` in ours) is as hidden.
  const called = stack.filter(
    ({ location }, i) => location !== undefined || !isHidden(stack[i + 1]?.location?.file ?? ""),
  );
  const frames = called.flatMap((frame) => toShown(frame, finder));
  while (frames.at(-1)?.position === undefined && frames.length > 0) frames.pop();
  return frames;
}

function trace(parts: ErrorParts, visit: Visit): readonly string[] {
  const { options, paint } = visit;
  const frames = shownFrames(parts.stack, options);
  const arrow = parts.classes.includes("SyntaxError") ? parseArrow(parts.stack) : undefined;
  const written = arrow && !isHidden(arrow.file) ? findPosition(arrow, options) : undefined;
  const place = written ?? frames.find(({ position }) => position?.source !== undefined)?.position;
  return [
    ...(place ? showPlace(place, paint) : []),
    ...shorten(frames.map(({ text }) => text)).map((text) => paint.faint(`    ${text}`)),
    ...parts.extras.map((extra) => `  ${extra.replaceAll("\n", "\n  ")}`),
  ];
}

function isHidden(file: string): boolean {
  return file.startsWith("node:") || isOwnFile(file);
}

function toShown(frame: StackFrame, finder: SourceFinder): readonly ShownFrame[] {
  const { location } = frame;
  // A module's exports object as `this` says nothing to the reader, nor does our name for the code of a magic, nor what
  // V8 infers from the call of the cell object around an anonymous function: `$cell.declare.a`.
  const label = frame.label
    .replace(/^(async )?Module\./, "$1")
    .replace(/^(async )?(?:(?:Object\.)?\$+code\d+\b|(?:\S+\.)?\$+cell\.).*$/, "$1");
  if (location === undefined) return [{ text: bound(`at ${label || "native code"}`, 200), position: undefined }];
  if (isHidden(location.file)) return [];
  const position = findPosition(location, finder);
  if (position === undefined) return [];
  const isNamed = label !== "" && label !== "async";
  const place = isNamed ? `${bound(label, 200)} (${position.text})` : `${label} ${position.text}`.trim();
  return [{ text: `at ${place}`, position }];
}

/** Folds repeated frames, as recursion leaves them, and the middle of what is still long. */
function shorten(lines: readonly string[]): readonly string[] {
  const folded: string[] = [];
  for (let i = 0; i < lines.length;) {
    const line = lines[i] ?? "";
    let end = i + 1;
    while (lines[end] === line) end++;
    folded.push(line);
    if (end - i === 2) folded.push(line);
    if (end - i > 2) folded.push(`… ${end - i - 1} more times`);
    i = end;
  }
  if (folded.length <= framesAtTop + framesAtBottom + 1) return folded;
  const hidden = folded.length - framesAtTop - framesAtBottom;
  return [...folded.slice(0, framesAtTop), `… ${hidden} more frames`, ...folded.slice(-framesAtBottom)];
}
