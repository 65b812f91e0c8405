import { MagicString } from "magic-string";
import type { Node } from "oxc-parser";
import type { ModuleContext } from "./module-context.ts";
import { correctInnerPaths } from "./inner-paths.ts";
import { nothing } from "./code-magics.ts";
import { type ShownLater, dispose, usingsOf } from "./disposal.ts";
import { indent } from "./literals.ts";
import { type Declared, isType } from "./names.ts";
import { howShown, isCertain, lastShown } from "./results.ts";
import type { PlannedCell } from "./renames.ts";
import { exportsOf } from "./exports.ts";
import { type Added, shareVariables } from "./shared-variables.ts";
import { attributesOf, namesOf } from "./imports.ts";

/** A code cell whose names are known, as it goes into the module. */
export interface NotebookCell extends PlannedCell {
  readonly code: string;
  readonly body: readonly Node[];
  readonly mayFail: boolean;
}

/** A statement of a cell as it stands in the module, with the comments and blank lines above it. */
export interface Piece {
  readonly lead: string;
  readonly text: string;
  readonly node: Node;
}

/** Writes a cell's statements as they stand in the module. */
export function writeCell(cell: NotebookCell, index: number, context: ModuleContext): string {
  const text = new MagicString(cell.code);
  for (const use of cell.uses) {
    const name = context.nameOf(use, index);
    if (name === use.name) continue;
    const isExported = use.space === "any";
    if (!isExported) text.update(use.start, use.end, use.shorthand ? `${use.name}: ${name}` : name);
  }
  keepClassNames(cell, index, text, context);
  keepValues(cell, index, text, context);
  correctInnerPaths(cell.body, text, context);
  const shown = showLast(cell, text, context);
  const added = shareVariables(cell, index, text, context);
  addLatest(cell, index, context, added);
  const { before, after } = added;
  // Blocks cannot have these.
  for (const node of cell.body) if (isAmbientEnum(node)) before.push(cell.code.slice(node.start, node.end));
  const { pieces, rest } = toPieces(cell, index, text, context);
  let tail = (rest + cell.code.slice(cell.body.at(-1)?.end ?? 0)).trimEnd();
  let lead = pieces[0]?.lead ?? "";
  const written = pieces.map(({ text: own, node }, at) => {
    const begin = lead;
    const lines = after.get(cell.body.indexOf(node)) ?? "";
    const following = pieces[at + 1]?.lead;
    const { line, rest: next } = splitAtLine(following ?? tail, lines);
    if (following === undefined) tail = next.trimEnd();
    else lead = next;
    return begin + own + line + lines;
  });
  const disposed = dispose(cell, index, written.join(""), { text, pieces, shown, context });
  let whole = disposed ?? written.join("");
  if (cell.mayFail) whole = disposed === undefined ? guard(cell, index, pieces, written, context) : tryAll(disposed);
  return [...before, whole.trimEnd() + tail].filter((part) => part.trim() !== "").join("\n");
}

/**
 * Splits what follows a statement where lines are added after it: a comment on the statement's line stays there, the
 * rest begins a new one.
 */
function splitAtLine(following: string, added: string): { readonly line: string; readonly rest: string } {
  if (added === "") return { line: "", rest: following };
  const [line] = /^[^\S\n]*(?:\/\/[^\n]*|\/\*[^\n]*?\*\/[^\S\n]*(?=\n|$))/.exec(following) ?? [""];
  const rest = following.slice(line.length).replace(/^[^\S\n]+/, "");
  return { line, rest: rest.startsWith("\n") ? rest : `\n${rest}` };
}

/** A class shows its name with each of its objects, so it keeps that where the module calls it otherwise. */
function keepClassNames(cell: NotebookCell, index: number, text: MagicString, context: ModuleContext): void {
  for (const statement of cell.body) {
    const node = statement.type === "ExportNamedDeclaration" ? (statement.declaration ?? statement) : statement;
    if (node.type !== "ClassDeclaration" || !node.id || node.declare) continue;
    const { name } = node.id;
    const own = context.declarationsOf(name).find((found) => found.cell === index);
    if (own === undefined || own.local === name) continue;
    const line = `static { Object.defineProperty(this, "name", { value: ${JSON.stringify(name)} }); }`;
    const isShort = !cell.code.slice(node.body.start, node.body.end).includes("\n");
    text.appendLeft(node.body.start + 1, isShort ? ` ${line}` : `\n  ${line}`);
  }
}

/** `var x` of a later cell keeps the value that `x` has. */
function keepValues(cell: NotebookCell, index: number, text: MagicString, context: ModuleContext): void {
  for (const node of cell.body) {
    if (node.type !== "VariableDeclaration" || node.kind !== "var") continue;
    for (const { id, init, end } of node.declarations) {
      if (init || id.type !== "Identifier") continue;
      const known = context.declarationsOf(id.name).filter(({ value }) => value);
      const at = known.findIndex((found) => found.cell === index);
      const before = known[at - 1];
      if (before && known[at]?.local !== before.local) text.appendLeft(end, ` = ${before.local}`);
    }
  }
}

/** The statements that stay in the cell's place: imports and exports of names go elsewhere. */
function toPieces(
  cell: NotebookCell,
  index: number,
  text: MagicString,
  context: ModuleContext,
): { readonly pieces: readonly Piece[]; readonly rest: string } {
  const pieces: Piece[] = [];
  let from = 0;
  let lead = "";
  let wasRemoved = true;
  for (const node of cell.body) {
    const space = cell.code.slice(from, node.start);
    // A comment that stood behind an import begins a line now.
    lead += wasRemoved ? space.replace(/^[^\S\n]+(?=\/)/, "") : space;
    from = node.end;
    const kept = keep(cell, node, index, text, context);
    if (kept === undefined || kept.trim() === "") {
      wasRemoved = true;
      continue;
    }
    const own = wasRemoved && startsOpen(kept) ? `;${kept}` : kept;
    pieces.push({
      lead: pieces.length === 0 ? lead.replace(/^\s*\n/, "") : lead.replace(/\n{3,}/g, "\n\n"),
      text: own,
      node,
    });
    lead = "";
    wasRemoved = false;
  }
  // The comments above what was removed.
  return { pieces: importsFirst(pieces), rest: pieces.length === 0 ? lead.replace(/^\s+/, "") : lead };
}

function isAmbientEnum(node: Node): boolean {
  return node.type === "TSEnumDeclaration" && node.declare;
}

/** As in the notebook, what a cell imports is there before its other statements run. */
function importsFirst(pieces: readonly Piece[]): readonly Piece[] {
  const isImport = ({ node }: Piece): boolean => node.type === "ImportDeclaration";
  if (pieces.every((piece, at) => !isImport(piece) || pieces.slice(0, at).every(isImport))) return pieces;
  const sorted = [...pieces.filter(isImport), ...pieces.filter((piece) => !isImport(piece))];
  return sorted.map(({ lead, text, node }, at) => ({
    lead: at === 0 ? lead.replace(/^\s*\n/, "") : lead.replace(/^(?!\s*\n)/, "\n"),
    text: startsOpen(text) ? `;${text}` : text,
    node,
  }));
}

/** Whether a statement would go on with the line above it. */
function startsOpen(text: string): boolean {
  return /^[([`+\-/*]/.test(text);
}

/** Returns a statement as it stands in the module, undefined where it does not stand in the cell's place. */
function keep(
  cell: NotebookCell,
  node: Node,
  index: number,
  text: MagicString,
  context: ModuleContext,
): string | undefined {
  if (isAmbientEnum(node)) return undefined;
  if (node.type === "ImportDeclaration")
    return context.isLate(node, index) ? importLate(node, index, context, cell.mayFail) : undefined;
  if (node.type === "ExportNamedDeclaration" || node.type === "ExportDefaultDeclaration") {
    if (lacksModule(cell, context) && !isHoistedStatement(node))
      return node.declaration ? text.slice(node.declaration.start, node.end) : undefined;
    return exportsOf(node, index, text, context);
  }
  const isNothing =
    node.type === "ExpressionStatement" && node.expression.type === "Identifier" && node.expression.name === nothing;
  return isNothing ? undefined : text.slice(node.start, node.end);
}

type ImportNode = Extract<Node, { type: "ImportDeclaration" }>;

/** An import that runs in its place: of a file that the notebook writes, or one that may fail. */
function importLate(node: ImportNode, index: number, context: ModuleContext, mayFail: boolean): string {
  const source = context.specifier(node.source.value);
  const options = attributesOf(node, source);
  const given = options === "" ? "" : `, {${options} }`.replace(" with {", " with: {");
  const module = `await import(${JSON.stringify(source)}${given})`;
  const names = namesOf(node).flatMap(({ imported, local, type }) => {
    const declaration = context
      .declarationsOf(local)
      .find((found) => found.cell <= index && found.imports !== undefined);
    const own = declaration?.local ?? local;
    if (type || context.isTypeOnly(local)) {
      context.imports.add(source, imported, own, { type: true });
      return [];
    }
    // The same name again, from an import above; that of a cell that may fail is in its `try`.
    return declaration !== undefined && declaration.cell < index && !mayFail ? [] : [{ imported, own }];
  });
  const whole = names.find(({ imported }) => imported === "*");
  const parts = names.filter(({ imported }) => imported !== "*");
  const list = parts.map(({ imported, own }) => (imported === own ? own : `${imported}: ${own}`)).join(", ");
  if (whole && parts.length > 0) return `const ${whole.own} = ${module};\nconst { ${list} } = ${whole.own};`;
  if (whole) return `const ${whole.own} = ${module};`;
  if (parts.length > 0) return `const { ${list} } = ${module};`;
  return node.specifiers.length === 0 ? `${module};` : "";
}

/** Shows the value of a cell's last expression. */
function showLast(cell: NotebookCell, text: MagicString, context: ModuleContext): ShownLater | undefined {
  const last = lastShown(cell.body, isType);
  if (last?.type !== "ExpressionStatement") return undefined;
  const { expression } = last;
  const how = howShown(expression, context.isCertainName);
  if (how === "nothing") return undefined;
  // The semicolon that kept a bracket from the line above is that line's to the parser.
  const [semicolon] = /\n[^\S\n]*;$/.exec(cell.code.slice(0, last.start)) ?? [];
  if (semicolon !== undefined) text.remove(last.start - semicolon.length + 1, last.start);
  const show = how === "display" ? context.api("display") : `${context.api("display")}.result`;
  if (usingsOf(cell.body).length > 0) {
    // It is shown after the resources are disposed of, as in the notebook.
    const value = context.fresh("shown");
    text.prependRight(expression.start, `${value} = (`);
    text.appendLeft(expression.end, ")");
    return { name: value, later: `${show}(${value});` };
  }
  const isWrapped =
    expression.type === "ParenthesizedExpression" && expression.expression.type !== "SequenceExpression";
  const [open, close] = isWrapped ? ["", ""] : expression.type === "SequenceExpression" ? ["((", "))"] : ["(", ")"];
  text.prependRight(expression.start, show + open);
  if (close) text.appendLeft(expression.end, close);
  return undefined;
}

/** Adds the statements that keep the variable for the latest of a name up to date. */
function addLatest(cell: NotebookCell, index: number, context: ModuleContext, { before, after }: Added): void {
  const { latest, declarationsOf } = context;
  for (const [name, slot] of latest) {
    const values = declarationsOf(name).filter(({ value }) => value);
    const declaration = values.find((found) => found.cell === index);
    if (!declaration) continue;
    const statement = cell.body[declaration.statement];
    const isFirst = values[0] === declaration;
    // Where it has no value yet, the compiler would miss one.
    const isOpen = statement?.type !== "VariableDeclaration" || statement.declarations.some(({ init }) => !init);
    const value = `${declaration.local}${isOpen && declaration.kinds.some((kind) => /^(?:let|var)$/.test(kind)) ? "!" : ""}`;
    const line = isFirst
      ? `let ${slot} = ${value}; // functions see the latest ${name}, as in the notebook`
      : `${slot} = ${value} as never;`;
    const isLate = statement?.type === "ImportDeclaration" && context.isLate(statement, index);
    if (!isLate && declaration.kinds.some((kind) => kind === "function" || kind === "import")) before.push(line);
    else after.set(declaration.statement, `${after.get(declaration.statement) ?? ""}\n${line}`);
  }
}

function tryAll(code: string): string {
  return `try {\n${indent(code.trim())}\n} catch (error) {\n  console.error(error); // this may fail, as in the notebook\n}`;
}

/** Lets a cell fail that may; what other cells need of it stays outside of the `try`. */
function guard(
  cell: NotebookCell,
  index: number,
  pieces: readonly Piece[],
  written: readonly string[],
  context: ModuleContext,
): string {
  const needed = new Set(context.neededOutside(index));
  const declares = (piece: Piece): readonly Declared[] =>
    cell.declared.filter(({ statement }) => cell.body[statement] === piece.node);
  const isLost = lacksModule(cell, context);
  const outside = new Set<Piece>();
  for (let grown = true; grown;) {
    grown = false;
    for (const [at, piece] of pieces.entries()) {
      if (outside.has(piece) || !declares(piece).some(({ name }) => needed.has(name))) continue;
      // Up to a value that others need, the cell has run without an error.
      const isHoisted = isHoistedStatement(piece.node);
      // What does not come to run declares nothing that others could need.
      if (isLost && !isHoisted) continue;
      for (const moved of isHoisted ? [piece] : pieces.slice(0, at + 1)) {
        outside.add(moved);
        const statement = cell.body.indexOf(moved.node);
        for (const use of cell.uses) if (use.statement === statement) needed.add(use.name);
      }
      grown = true;
    }
  }
  const before = written.filter((_, at) => outside.has(pieces[at]!)).join("");
  const inside = written.filter((_, at) => !outside.has(pieces[at] ?? pieces[0]!)).join("");
  if (inside.trim() === "") return before;
  return `${before.trim() === "" ? "" : `${before.replace(/^\n+/, "").trimEnd()}\n`}${tryAll(inside)}`;
}

/** Whether nothing of a cell runs, as it imports what is not there. */
function lacksModule({ body, mayFail }: NotebookCell, context: ModuleContext): boolean {
  return mayFail && body.some((node) => node.type === "ImportDeclaration" && context.isMissing(node.source.value));
}

function isHoistedStatement(statement: Node): boolean {
  const node = statement.type === "ExportNamedDeclaration" ? (statement.declaration ?? statement) : statement;
  return isType(node) || /^(?:TSDeclare)?Function(?:Declaration)?$/.test(node.type);
}

/** Whether the value of a declaration cannot be undefined. */
export function isCertainValue(cell: NotebookCell, name: string): boolean {
  for (const statement of cell.body) {
    const node = statement.type === "ExportNamedDeclaration" ? (statement.declaration ?? statement) : statement;
    if (node.type === "FunctionDeclaration" || node.type === "ClassDeclaration") {
      if (node.id?.name === name) return true;
    }
    if (node.type !== "VariableDeclaration" || node.kind === "let" || node.kind === "var") continue;
    const own = node.declarations.find(({ id }) => id.type === "Identifier" && id.name === name);
    if (own?.init) return isCertain(own.init, () => false);
  }
  return false;
}
