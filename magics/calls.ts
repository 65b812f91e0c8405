// The magics as functions, for code in loops, functions and plain .ts files.
import type { CapturedOutput } from "./capture.ts";
import { loadMagic, magicSyntax } from "./index.ts";
import { type Magic, type MagicCall, MagicError, type Template } from "./magic.ts";
import type { ShellValues } from "./mongo/shell-names.ts";
import { currentContext } from "./plain-context.ts";
import type { Timing } from "./timeit.ts";

type Code<T> = () => T | Promise<T>;

/** What `time` or `capture` has begun and `end` ends, for code whose names are needed afterwards. */
export interface Begun<R> {
  /** Ends it; the value is what the code between would have returned. */
  end(value?: unknown): Promise<R>;
}

/** Which output `capture` lets through. */
export interface CaptureOptions {
  readonly stdout?: boolean;
  readonly stderr?: boolean;
  readonly display?: boolean;
}

/** Runs code and prints the time that it took, as `%time` does; returns the code's value. */
export const time: {
  <T>(code: Code<T>): Promise<T>;
  /** Begins to measure. */
  start(): Promise<Begun<unknown>>;
} = Object.assign(async <T>(code: Code<T>) => (await runCode("time", code)) as T, {
  start: () => begin((code) => runCode("time", code)),
});

/** Runs code many times and prints the mean time, as `%timeit` does; with `quiet` it only returns the times. */
export async function timeit(
  code: Code<unknown>,
  { loops, runs, quiet = false }: { loops?: number; runs?: number; quiet?: boolean } = {},
): Promise<Timing | undefined> {
  const line = `${loops === undefined ? "" : `-n ${loops}`} ${runs === undefined ? "" : `-r ${runs}`}`;
  return (await runCode("timeit", code, { line, assigned: quiet })) as Timing | undefined;
}

/** Runs code and keeps what it prints and shows, as `%%capture` does. */
export const capture: {
  (code: Code<unknown>, options?: CaptureOptions): Promise<CapturedOutput>;
  /** Begins to keep back. */
  start(options?: CaptureOptions): Promise<Begun<CapturedOutput>>;
} = Object.assign(runCapture, {
  start: (options?: CaptureOptions) => begin((code) => runCapture(code, options)),
});

async function runCapture(code: Code<unknown>, options: CaptureOptions = {}): Promise<CapturedOutput> {
  const kinds = ["stdout", "stderr", "display"] as const;
  const line = kinds.filter((kind) => options[kind] === false).map((kind) => `--no-${kind}`);
  return (await runCode("capture", code, { line: line.join(" "), assigned: true })) as CapturedOutput;
}

/** How a magic is called by its name. */
export interface MagicOptions {
  /** It gives its result and shows nothing itself, as in `const x = %name`. */
  readonly quiet?: boolean;
}

/** How `%mongo` is called by its name. */
export interface MongoMagicOptions extends MagicOptions {
  /** The columns of the table, as with `--schema`. */
  readonly schema?: unknown;
}

/** What `%mongo` does: an object or a pipeline, or a function that makes it of the MongoDB shell's types. */
export type MongoBody = object | ((names: ShellValues) => unknown);

/** Runs `%mongo` with what stands behind or below its line as a value. */
export async function magic(
  name: "mongo",
  line: string,
  body?: MongoBody,
  options?: MongoMagicOptions,
): Promise<unknown>;
/** Runs a magic by its name: `magic("cd", "data")`, with what stands below its line as the third. */
export async function magic(name: string, line?: string, body?: string, options?: MagicOptions): Promise<unknown>;
export async function magic(
  given: string,
  line = "",
  body?: string | object,
  { quiet = false, schema }: MongoMagicOptions = {},
): Promise<unknown> {
  const name = given.replace(/^%+/, "");
  const syntax = magicSyntax(name);
  if (syntax?.line === "code" || syntax?.cell === "code") {
    throw new MagicError(name, `it takes code: call its function, as in \`${name}(() => work())\``);
  }
  return await run(await loadMagic(name), {
    form: body === undefined ? "line" : "cell",
    line: schema === undefined ? textOf(line) : { strings: [`${line} --schema `, ""], values: [schema] },
    ...(body !== undefined && { body: textOf(body) }),
    assigned: quiet,
  });
}

/** A magic's text; anything else is the one value in it. */
function textOf(given: unknown): Template {
  return typeof given === "string" ? { strings: [given], values: [] } : { strings: ["", ""], values: [given] };
}

async function runCode(
  name: string,
  code: Code<unknown>,
  options: { readonly line?: string; readonly assigned?: boolean } = {},
): Promise<unknown> {
  return await run(await loadMagic(name), { form: "cell", ...options, line: textOf(options.line ?? ""), code });
}

interface Use {
  readonly form: MagicCall["form"];
  readonly line: Template;
  readonly body?: Template;
  readonly code?: Code<unknown>;
  readonly assigned?: boolean;
}

async function run(found: Magic, { form, line, body, code, assigned = false }: Use): Promise<unknown> {
  const call: MagicCall = {
    form,
    line,
    ...(body && { body }),
    ...(code && { code: async () => await code(), source: String(code) }),
    assigned,
    startLine: 1,
  };
  return await found.run(call, currentContext());
}

/** Runs a magic around code that stands outside of any function: until `end` is called. */
async function begin<R>(work: (code: Code<unknown>) => Promise<R>): Promise<Begun<R>> {
  const begun = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<unknown>();
  const result = work(() => {
    begun.resolve();
    return ended.promise;
  });
  await Promise.race([begun.promise, result]);
  return {
    end(value) {
      ended.resolve(value);
      return result;
    },
  };
}
