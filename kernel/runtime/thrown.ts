import { inspect } from "node:util";
import { rawStack } from "./raw-stack.ts";

/** What can be read of an error without trusting it. */
export interface ErrorParts {
  readonly name: string;
  readonly message: string;
  readonly stack: string;
  /** The names of its class and the classes above it. */
  readonly classes: readonly string[];
  readonly cause: unknown;
  readonly hasCause: boolean;
  /** The errors of an AggregateError. */
  readonly errors: readonly unknown[];
  /** Other own properties, as `code: 'ENOENT'`. */
  readonly extras: readonly string[];
}

const longestMessage = 10_000;
const mostExtras = 20;

/** Reads a property of a value that may be hostile: a getter that throws gives undefined. */
export function read(value: object, key: PropertyKey): unknown {
  try {
    return Reflect.get(value, key);
  } catch {
    return undefined;
  }
}

/** Says whether a thrown value is an error of this realm or of another, also a DOMException. */
export function isError(value: unknown): value is Error {
  if (typeof value !== "object" || value === null) return false;
  return (Error as unknown as { isError(value: unknown): boolean }).isError(value) || looksLikeError(value);
}

// Errors made by Object.create(Error.prototype), as old libraries do.
function looksLikeError(value: object): boolean {
  return classNames(value).includes("Error") && typeof read(value, "message") === "string";
}

/** Shortens a text and says by how much. */
export function bound(text: string, longest: number = longestMessage): string {
  if (text.length <= longest) return text;
  return `${text.slice(0, longest)}… (${(text.length - longest).toLocaleString("en-US")} more characters)`;
}

/** Shows any value in a few lines; never throws. */
export function show(value: unknown, longest = 500): string {
  try {
    return bound(inspect(value, { depth: 2, breakLength: 100, maxStringLength: longest, getters: false }), longest);
  } catch {
    return "[a value that cannot be shown]";
  }
}

function classNames(value: object): readonly string[] {
  const names: string[] = [];
  try {
    for (let at = Object.getPrototypeOf(value) as object | null; at !== null; at = Object.getPrototypeOf(at)) {
      const maker = Object.getOwnPropertyDescriptor(at, "constructor")?.value as unknown;
      const name = typeof maker === "function" ? read(maker, "name") : undefined;
      if (typeof name === "string") names.push(name);
      if (names.length > 50) break;
    }
  } catch {
    // A Proxy that refuses: what was found must do.
  }
  return names;
}

const shownElsewhere = new Set(["name", "message", "stack", "cause", "errors", "line", "column", "offset", "source"]);

function extrasOf(error: object): readonly string[] {
  try {
    const properties = Object.entries(Object.getOwnPropertyDescriptors(error));
    return properties
      .filter(([key, { enumerable }]) => enumerable === true && !shownElsewhere.has(key))
      .slice(0, mostExtras)
      .map(([key, property]) => `${key}: ${"value" in property ? show(property.value) : "[Getter]"}`);
  } catch {
    return [];
  }
}

function nameOf(error: object, classes: readonly string[]): string {
  const name = read(error, "name");
  const ownClass = classes[0];
  // `class Broken extends Error {}` inherits the name "Error"; its class says more.
  if (name === "Error" && ownClass !== undefined && ownClass !== "" && ownClass !== "Object") return ownClass;
  if (typeof name === "string" && name !== "") return bound(name, 200);
  return ownClass === undefined || ownClass === "" ? "Error" : ownClass;
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** Reads an error; never throws. */
export function readError(error: object): ErrorParts {
  const classes = classNames(error);
  const message = read(error, "message");
  const stack = read(error, "stack");
  const isSyntax = classes.includes("SyntaxError");
  return {
    name: nameOf(error, classes),
    message: bound(typeof message === "string" ? message : message === undefined ? "" : show(message)),
    stack: typeof stack === "string" ? rawStack(error, stack) : "",
    classes,
    cause: read(error, "cause"),
    hasCause: read(error, "cause") !== undefined,
    errors: listOf(read(error, "errors")),
    extras: isSyntax ? [] : extrasOf(error),
  };
}
