import { isBuiltin } from "node:module";
import { packageName } from "../cell/packages.ts";

/** A problem with an imported module in the words of a notebook. */
export interface ModuleProblem {
  readonly message: string;
  /** The line that installs what is missing. */
  readonly install?: string;
}

const packageForm = /^(?:@[a-z\d~-][\w.~-]*\/)?[a-z\d~-][\w.~-]*$/i;
// Servers that give out npm's packages as modules.
const packageServer =
  /^https?:\/\/(?:esm\.sh|esm\.run|unpkg\.com|cdn\.skypack\.dev|ga\.jspm\.io\/npm:|(?:cdn|fastly)\.jsdelivr\.net\/npm)\/?((?:@[^/@]+\/)?[^/@?]+)/;

/** Says what to do about a module that is missing or has no types; undefined for other problems. */
export function explainModule(code: number, message: string): ModuleProblem | undefined {
  if (code !== 7016 && code !== 2307 && code !== 2882) return undefined;
  const module = /(?:module|import of) '([^']+)'/.exec(message)?.[1];
  if (module === undefined) return undefined;
  if (module.startsWith(".") || module.startsWith("/")) {
    return { message: message.replace(" or its corresponding type declarations", "") };
  }
  if (isBuiltin(module)) return { message };
  if (module.startsWith("node:")) return { message: `Node has no built-in module '${module}'.` };
  const name = packageName(module);
  if (/^[a-z][a-z+.-]+:/i.test(module)) return explainUrl(module);
  if (!packageForm.test(name)) return { message };
  if (code !== 7016) return { message: `Cannot find package '${name}'.`, install: `%npm add ${name}` };
  const types = `@types/${name.replace(/^@/, "").replace("/", "__")}`;
  return {
    message: `Module '${module}' brings no types: what is imported from it is 'any'. If others wrote types, they are in '${types}'.`,
    install: `%npm add ${types}`,
  };
}

function explainUrl(module: string): ModuleProblem {
  const name = packageServer.exec(module)?.[1] ?? /^npm:\/?((?:@[^/@]+\/)?[^/@?]+)/.exec(module)?.[1];
  const message = `Node does not import '${module}'.`;
  if (name === undefined || !packageForm.test(name)) return { message };
  return {
    message: `${message} Install the package, and import it by its name: '${name}'.`,
    install: `%npm add ${name}`,
  };
}

// What TypeScript says of a name that is nowhere: plain, of a namespace, in `{ name }`, or with the tools that would have it.
const unknownNameCodes = new Set([2304, 2503, 2552, 2581, 2582, 2584, 2592, 2593, 18004]);
// A tag of JSX is a call.
const jsxCodes = new Set([2874, 2879]);
const ofPages = /^(?:document|window|location|Document|Window|(?:HTML|SVG)\w*Element|Element)$/;
// A name that is more than so much longer or shorter is not meant.
const mostLetters = 2;

/** A name that nothing declares. */
export interface MissingName {
  readonly missing: string;
  readonly message: string;
  /** It is React, for a tag of JSX. */
  readonly isReact?: boolean;
}

/** Says why a name is not known; undefined for other problems. `isLater`: it stands in a function that does not run yet. */
export function explainName(
  code: number,
  message: string,
  isLater: boolean,
  undone: ReadonlyMap<string, "failed" | "refused">,
): MissingName | undefined {
  const factory = jsxCodes.has(code) ? /requires '([^'.]+)/.exec(message)?.[1] : undefined;
  if (factory !== undefined) {
    return {
      missing: factory,
      isReact: factory === "React",
      message: `JSX calls '${factory}': ${whyUnknown(factory, isLater, undone)}.`,
    };
  }
  if (!unknownNameCodes.has(code)) return undefined;
  const [, kind, missing] =
    /(Cannot find (?:name|namespace)|No value exists in scope for the shorthand property) '(.+?)'/.exec(message) ?? [];
  if (kind === undefined || missing === undefined) return undefined;
  if (ofPages.test(missing)) {
    const node = "cells run in Node, which has no page. `display.html(…)` shows HTML";
    return { missing, message: `Cannot find name '${missing}': ${node}.` };
  }
  const what = code === 18004 ? "Cannot find name" : kind;
  const meant = /Did you mean '(.+?)'\?/.exec(message)?.[1] ?? missing;
  const isNear = meant !== missing && Math.abs(meant.length - missing.length) <= mostLetters;
  const said = `${what} '${missing}': ${whyUnknown(missing, isLater, undone)}.`;
  return { missing, message: isNear ? `${said} Did you mean '${meant}'?` : said };
}

function whyUnknown(name: string, isLater: boolean, undone: ReadonlyMap<string, "failed" | "refused">): string {
  const why = undone.get(name);
  if (why === undefined) return `no cell that has run declares it${isLater ? " yet" : ""}`;
  return why === "failed" ? "the cell that declares it failed" : "the cell that declares it did not run";
}
