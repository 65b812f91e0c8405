import type { Declaration } from "./renames.ts";
import type { NotebookCell } from "./write-cell.ts";

/** The type for a variable that several cells declare: what they all say, or `any`. */
export function sharedType(
  name: string,
  declarations: readonly Pick<Declaration, "cell" | "kinds">[],
  cells: readonly NotebookCell[],
): string | undefined {
  if (declarations.some(({ kinds }) => kinds.includes("function"))) return "any";
  const said = new Set<string>();
  let annotated = false;
  let seen = 0;
  for (const { cell } of declarations) {
    const { code, body } = cells[cell]!;
    for (const statement of body) {
      const node = statement.type === "ExportNamedDeclaration" ? (statement.declaration ?? statement) : statement;
      if (node.type !== "VariableDeclaration") continue;
      const own = node.declarations.find(({ id }) => id.type === "Identifier" && id.name === name);
      // Taken from an object or a list: nothing says its type.
      if (!own) continue;
      seen += 1;
      const annotation = own.id.type === "Identifier" ? own.id.typeAnnotation : null;
      annotated ||= Boolean(annotation);
      const { init } = own;
      const literal = init?.type === "Literal" && init.value !== null ? typeof init.value : undefined;
      said.add(
        annotation ? code.slice(annotation.typeAnnotation.start, annotation.typeAnnotation.end) : (literal ?? "?"),
      );
    }
  }
  const [only = "?"] = said;
  if (seen < declarations.length || said.size > 1 || only === "?" || only === "object") return "any";
  return annotated ? only : undefined;
}
