import { type DecodedSourceMap, MagicString } from "magic-string";
import { type Node, parseSync } from "oxc-parser";
import { type CellFacts, type Reference, findBindings } from "./bindings.ts";
import type { CompileOptions } from "./options.ts";
import type { ParamNames } from "./param-names.ts";
import { rewriteReferences } from "./rewrite-references.ts";
import { rewriteStatements } from "./rewrite-statements.ts";

/** A name that a cell declares, with the kind that the runtime notes. */
export interface Declaration {
  readonly name: string;
  readonly kind: string;
}

/** The script of a cell and what it brings to the notebook. */
export interface RewrittenCell {
  readonly js: string;
  readonly declarations: Declaration[];
  readonly imports: string[];
  readonly map: () => DecodedSourceMap;
}

/** What the steps of the rewrite share. */
export interface Rewrite {
  readonly text: MagicString;
  readonly program: Node;
  readonly facts: CellFacts;
  readonly names: ParamNames;
  readonly options: CompileOptions;
  /** Whether the user wrote a name; helpers that the tools put in stay local to the script. */
  isUsers(name: string): boolean;
  /** The code that reads and writes a notebook name; undefined for a local or a global. */
  target(reference: Reference | string): string | undefined;
  /** Whether a name is known to no one when the cell is compiled. */
  isUnknown(name: string): boolean;
  declare(name: string, kind: string): void;
  readonly imports: string[];
  /** Enums whose first part was seen. */
  readonly begun: Set<string>;
  /** Statements for the head of the script. */
  readonly head: string[];
}

// The helpers that TypeScript's legacy decorators need, under the name by which oxc calls them.
const legacyHelpers = [
  "const babelHelpers = {",
  "decorate(decorators, target, key, desc) {",
  "let result = key === undefined ? target : desc === null ? Object.getOwnPropertyDescriptor(target, key) : desc;",
  "for (const decorator of decorators.toReversed())",
  "result = (key === undefined ? decorator(result) : decorator(target, key, result)) || result;",
  "if (key !== undefined && result) Object.defineProperty(target, key, result);",
  "return result; },",
  "decorateParam: (index, decorator) => (target, key) => decorator(target, key, index),",
  "decorateMetadata: (key, value) => typeof Reflect.metadata === 'function' ? Reflect.metadata(key, value) : () => {},",
  "};",
].join(" ");

/** Makes a cell's JavaScript a function of the cell object and the scope objects. */
export function rewrite(
  code: string,
  words: ReadonlySet<string>,
  names: ParamNames,
  options: CompileOptions,
  needsHelpers: boolean,
): RewrittenCell {
  const program = parseSync("cell.js", code, { lang: "js", sourceType: "module" }).program as Node;
  const facts = findBindings(program);
  const kinds = new Map<string, string>();
  let lastScope = 0;
  const scopeName = (index: number): string => {
    lastScope = Math.max(lastScope, index);
    return names.scope(index);
  };
  const isUsers = (name: string): boolean => words.has(name);
  const isUnknown = (name: string): boolean => !facts.topLevel.has(name);
  const context: Rewrite = {
    text: new MagicString(code),
    program,
    facts,
    names,
    options,
    isUsers,
    isUnknown,
    target(reference) {
      const name = typeof reference === "string" ? reference : reference.name;
      if (names.has(name) || (needsHelpers && name === "babelHelpers")) return undefined;
      if (facts.topLevel.has(name)) {
        return isUsers(name) ? `${scopeName(options.place(name))}.${name}` : undefined;
      }
      const index = options.scope(name);
      if (index === undefined && options.globals(name)) return undefined;
      return `${scopeName(index ?? 0)}.${name}`;
    },
    declare: (name, kind) => void kinds.set(name, kind),
    imports: [],
    begun: new Set(),
    head: needsHelpers ? [legacyHelpers] : [],
  };
  rewriteReferences(context);
  rewriteStatements(context);
  const scopes = Array.from({ length: lastScope + 1 }, (_, index) => names.scope(index));
  const { text, head } = context;
  text.prepend(`(async function (${[names.cell, ...scopes].join(", ")}) {"use strict";${head.join("")}`);
  // All functions of a cell share a context that holds the cell object: while one of them lives, it does
  // (runtime/cell-sources.ts).
  text.append(`\n;() => ${names.cell}})`);
  return {
    js: text.toString(),
    declarations: Array.from(kinds, ([name, kind]) => ({ name, kind })),
    imports: context.imports,
    map: () => text.generateDecodedMap({ hires: true, source: "cell" }),
  };
}
