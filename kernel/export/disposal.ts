import type { MagicString } from "magic-string";
import type { Node } from "oxc-parser";
import { indent } from "./literals.ts";
import type { ModuleContext } from "./module-context.ts";
import type { NotebookCell, Piece } from "./write-cell.ts";

type Variables = Extract<Node, { type: "VariableDeclaration" }>;

/** A cell's value that is shown after its resources are disposed of: the variable that keeps it, and what shows it. */
export interface ShownLater {
  readonly name: string;
  readonly later: string;
}

/** A cell's statements as they stand in the module so far. */
interface Written {
  readonly text: MagicString;
  readonly pieces: readonly Piece[];
  readonly shown: ShownLater | undefined;
  readonly context: ModuleContext;
}

/** The `using` declarations of a cell's top level. */
export function usingsOf(body: readonly Node[]): Variables[] {
  return body.filter(
    (node): node is Variables =>
      node.type === "VariableDeclaration" && (node.kind === "using" || node.kind === "await using"),
  );
}

/**
 * Lets what a cell's `using` declares be disposed of at the cell's end: by a block where no name of the cell is needed
 * outside, else by a stack. Returns undefined for a cell without one.
 */
export function dispose(
  { body }: NotebookCell,
  index: number,
  code: string,
  { text, pieces, shown, context }: Written,
): string | undefined {
  const found = usingsOf(body);
  if (found.length === 0) return undefined;
  const opening = shown ? [`let ${shown.name};`] : [];
  const show = shown ? [shown.later] : [];
  if (context.neededOutside(index).size === 0) {
    return [...opening, `{\n${indent(code.trim())}\n}`, ...show].join("\n");
  }
  const isAsync = found.some(({ kind }) => kind === "await using");
  const stack = context.fresh("resources");
  let changed = code;
  for (const node of found) {
    const written = pieces.find((piece) => piece.node === node)?.text ?? "";
    const declarations = node.declarations.map(({ id, init }) => {
      const value = init ? text.slice(init.start, init.end) : "undefined";
      const kept =
        isAsync && node.kind === "using" ? `adopt(${value}, (one) => one?.[Symbol.dispose]())` : `use(${value})`;
      return `const ${text.slice(id.start, id.end)} = ${stack}.${kept};`;
    });
    changed = changed.replace(written, () => declarations.join(" "));
  }
  return [
    `const ${stack} = new ${isAsync ? "AsyncDisposableStack" : "DisposableStack"}();`,
    ...opening,
    changed,
    isAsync ? `await ${stack}.disposeAsync();` : `${stack}.dispose();`,
    ...show,
  ].join("\n");
}
