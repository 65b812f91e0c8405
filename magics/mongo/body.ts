import { MagicError, type MagicContext, type Names, type Template } from "../magic.ts";
import type { Driver } from "./driver.ts";
import { joinCode } from "./join-code.ts";
import type { ShellValues } from "./shell-names.ts";
import { shellValues } from "./shell-values.ts";

/** The name under which a body stands in traces. */
const bodyName = "%%mongo";

/**
 * Evaluates a magic's text: JSON, or an expression of the notebook with its names and those of `shellValues`. Values of
 * `${…}` stay the values that they are; a body that is only one of them may be a function of the shell's values.
 */
export async function evaluate(
  driver: Driver,
  { strings, values }: Template,
  startLine: number,
  context: Pick<MagicContext, "run" | "names">,
): Promise<unknown> {
  const [text = ""] = strings;
  if (values.length === 0) {
    const json = parseJson(text);
    if (json) return json.value;
  }
  // A body that is one value needs no cell, so a plain program can give it too.
  if (values.length === 1 && strings.every((part) => /^[\s;]*$/.test(part))) {
    const [only] = values;
    if (typeof only !== "function") return only;
    return await (only as (names: ShellValues) => unknown)(shellValues(driver) as ShellValues);
  }
  const value = (i: number): string => `__mongo${i}`;
  const code = joinCode(strings, value);
  const bound = Object.fromEntries(values.map((item, i) => [value(i), item]));
  if (code.trim() === "")
    throw new MagicError("mongo", "there is nothing to do. Write a pipeline as an array, or a filter as an object");
  const names = { ...usedShellValues(driver, code, context.names), ...bound };
  const head = `(async ({ ${Object.keys(names).join(", ")} }) => (`;
  // The lines stay those of the cell, for its errors.
  const before = Math.max(1, startLine - 1);
  const source = `${head}${"\n".repeat(before)}${code.replace(/[\s;]+$/, "")}\n))`;
  const make = (await run(source, startLine - 1 - before, context)) as (names: object) => Promise<unknown>;
  return await make(names);
}

/** The names of the shell that occur in the code; a variable of the notebook goes first. */
function usedShellValues(driver: Driver, code: string, names: Names): Record<string, unknown> {
  const used = Object.entries(shellValues(driver)).filter(([name]) => {
    if (!code.includes(name)) return false;
    // An import of the driver's own class does not go first: the shell's form needs no `new`.
    const own = names.has(name) ? (names.get(name) as { prototype?: object } | null) : undefined;
    return !names.has(name) || (own?.prototype !== undefined && "_bsontype" in own.prototype);
  });
  return Object.fromEntries(used);
}

/** Runs the code; `shift` is what its lines lack to be the cell's. */
async function run(source: string, shift: number, context: Pick<MagicContext, "run">): Promise<unknown> {
  try {
    return await context.run(source, bodyName);
  } catch (error) {
    if ((error as Error).name !== "SyntaxError") throw error;
    const { name, message, line, column = 1 } = withinBody(error as PlacedError, source.split("\n"));
    const place = line === undefined ? "" : `line ${line + shift}, column ${column}: `;
    const shown = line === undefined ? "" : `\n\n${frame(source.split("\n")[line - 1] ?? "", line + shift, column)}\n`;
    const hint = "Write one JSON or TypeScript expression: a pipeline as [{ $match: … }], or a filter as { … }";
    throw new MagicError("mongo", `${place}${message}${shown}\n${hint}`, { name, cause: error });
  }
}

type PlacedError = Error & { readonly line?: number; readonly column?: number };

/** The place of an error behind the body, where its brackets are closed for it, is the body's end. */
function withinBody({ name, message, line, column }: PlacedError, lines: readonly string[]): PlacedError {
  if (line === undefined || line < lines.length)
    return { name, message, ...(line !== undefined && { line, column: column ?? 1 }) };
  const last = lines.findLastIndex((text, i) => i < lines.length - 1 && text.trim() !== "");
  // Where the first of the two brackets behind it was taken for the body's own, it has one too many or too few.
  const said = column === 2 ? "its brackets do not match" : "the expression is not finished";
  return { name, message: said, line: last + 1, column: lines[last]!.trimEnd().length + 1 };
}

function frame(text: string, line: number, column: number): string {
  return `> ${line} │ ${text}\n  ${" ".repeat(String(line).length)} │ ${" ".repeat(column - 1)}^`;
}

function parseJson(text: string): { value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    return undefined; // it is an expression, or its error is told as one
  }
}
