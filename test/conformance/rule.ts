import type { Kernel } from "./kernel.ts";

/** How strongly the specification asks for something: optional messages and features are `may`. */
export type Level = "must" | "should" | "may";

/** One rule of the protocol, and how to see whether a kernel keeps it. */
export interface Rule {
  /** Stable name; changes only when the rule's meaning does. */
  readonly id: string;
  /** The rule in one line, in Markdown. */
  readonly text: string;
  readonly level: Level;
  /** Where it is demanded: `messaging#anchor`, `kernels#anchor`, or `JEP 65`. */
  readonly source: string;
  /** Set where the check leaves the kernel busy or ended, so that the next rule needs a new one. */
  readonly spoils?: boolean;
  /** Resolves when the kernel keeps the rule; throws `Violation` or `NotOffered` when it does not. */
  check(kernel: Kernel): Promise<void>;
}

/** The kernel breaks the rule; the message says how. */
export class Violation extends Error {
  override readonly name = "Violation";
}

/** The rule is about a feature that the kernel says it has not. */
export class NotOffered extends Error {
  override readonly name = "NotOffered";
}

/** Throws a violation unless the condition holds. */
export function demand(condition: unknown, reason: string): asserts condition {
  if (!condition) throw new Violation(reason);
}

/** Demands that two values are the same as JSON. */
export function same(seen: unknown, wanted: unknown, what: string): void {
  const [a, b] = [inOrder(seen), inOrder(wanted)];
  demand(a === b, `${what} is ${shorten(a)}, not ${shorten(b)}`);
}

/** Demands that a parent header is a copy of a request's header; the date may be written in another way. */
export function sameHeader(
  parent: Readonly<Record<string, unknown>>,
  header: Readonly<Record<string, unknown>>,
  what: string,
): void {
  const instant = (value: unknown): number => Date.parse(String(value));
  same(instant(parent["date"]), instant(header["date"]), `the date in the parent header of ${what}`);
  same({ ...parent, date: "" }, { ...header, date: "" }, `the parent header of ${what}`);
}

/** Returns a cell's code, or says that the kernel's language has no way to do this. */
export function need<T>(code: T | undefined, what: string): T {
  demand(code !== undefined, `offers cells no way to ${what}`);
  return code;
}

function inOrder(value: unknown): string {
  const sorted = (_: string, part: unknown): unknown =>
    typeof part === "object" && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : part;
  return JSON.stringify(value, sorted) ?? "missing";
}

function shorten(text: string): string {
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}

/** True for a plain JSON object. */
export function isDict(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Demands that fields have types: `string`, `number`, `boolean`, `dict`, `list`. */
export function demandFields(content: Record<string, unknown>, types: Readonly<Record<string, string>>): void {
  for (const [field, type] of Object.entries(types)) {
    const value = content[field];
    const kind = Array.isArray(value) ? "list" : isDict(value) ? "dict" : value === null ? "null" : typeof value;
    demand(kind === type, `${field} is ${kind === "undefined" ? "missing" : `a ${kind}, not a ${type}`}`);
  }
}
