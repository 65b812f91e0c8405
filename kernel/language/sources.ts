import { readFileSync } from "node:fs";
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { parseSync } from "oxc-parser";
import { ownPrefix } from "./bindings.ts";
import { toOffset } from "./places.ts";
import type { Position, Range } from "./protocol.ts";
import type { LanguageServer } from "./server.ts";

/** The text that declares a name. */
export interface Source {
  /** Empty where the description has it already. */
  readonly code: string;
  /** The file and line; undefined where a cell declares it. */
  readonly place: string | undefined;
  /** It only declares: what runs is somewhere else. */
  readonly isDeclaration: boolean;
}

interface Link {
  readonly targetUri: string;
  readonly targetRange: Range;
}

const longest = 20_000;

/** Finds where the name at a position of a document is declared. */
export async function findSource(
  server: LanguageServer,
  folder: string,
  path: string,
  position: Position,
): Promise<Source | undefined> {
  const found = await server.ask<readonly Link[] | null>("textDocument/definition", path, { position });
  const link = found?.[0];
  if (!link) return undefined;
  const file = fileURLToPath(link.targetUri);
  const text = server.textOf(file) ?? read(file);
  if (text === undefined) return undefined;
  const { start, end } = link.targetRange;
  const from = text.lastIndexOf("\n", toOffset(text, start) - 1) + 1;
  const isIndented = /^\s*$/.test(text.slice(from, toOffset(text, start)));
  const code = unindent(text.slice(isIndented ? from : toOffset(text, start), toOffset(text, end)));
  return {
    code: code.length > longest ? `${code.slice(0, longest)}…` : code,
    place: file.includes(ownPrefix) ? undefined : `${nameOf(file, folder)}:${start.line + 1}`,
    isDeclaration: /\.d\.[cm]?ts$/.test(file),
  };
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}

function nameOf(file: string, folder: string): string {
  const [, inPackage] = /.*[\\/]node_modules[\\/](.+)$/.exec(file) ?? [];
  // Where TypeScript's own library lies says nothing.
  return (inPackage ?? relative(folder, file)).replaceAll("\\", "/").replace(/^@typescript\/.*\//, "");
}

function unindent(code: string): string {
  const [indent = ""] = /^[^\S\n]*/.exec(code) ?? [];
  return code.replaceAll(new RegExp(`^[^\\S\\n]{0,${indent.length}}`, "gm"), "");
}

/** Leaves out the bodies of a class's methods. */
export function withoutBodies(code: string): string {
  const { program, errors } = parseSync("class.ts", code, { lang: "ts", sourceType: "module" });
  if (errors.length > 0) return code;
  const [statement] = program.body;
  const declared = statement?.type.startsWith("Export")
    ? (statement as { declaration?: typeof statement }).declaration
    : statement;
  if (declared?.type !== "ClassDeclaration") return code;
  let shown = "";
  let at = 0;
  for (const member of declared.body.body) {
    if (member.type === "StaticBlock") {
      shown += code.slice(at, member.start);
      at = member.end;
    }
    const body = member.type === "MethodDefinition" ? member.value.body : undefined;
    if (!body) continue;
    shown += `${code.slice(at, body.start).trimEnd()};`;
    at = body.end;
  }
  return shown + code.slice(at);
}
