import type { MagicString } from "magic-string";
import type { Node } from "oxc-parser";
import type { ModuleContext } from "./module-context.ts";
import { childNodes } from "./scopes.ts";

/** Corrects the paths of `import("./x.ts")`, `require("./x")` and `import.meta` for the module's folder. */
export function correctInnerPaths(body: readonly Node[], text: MagicString, context: ModuleContext): void {
  const visit = (node: Node): void => {
    const source = sourceOf(node);
    if (source !== undefined) {
      const corrected = context.specifier(source.value);
      if (corrected !== source.value) text.update(source.start, source.end, JSON.stringify(corrected));
    }
    if (
      node.type === "MemberExpression" &&
      node.object.type === "MetaProperty" &&
      node.property.type === "Identifier"
    ) {
      const place = context.meta(node.property.name);
      if (place !== undefined) text.update(node.start, node.end, place);
    }
    for (const [, child] of childNodes(node)) visit(child);
  };
  for (const node of body) visit(node);
}

function sourceOf(node: Node): { value: string; start: number; end: number } | undefined {
  const source =
    node.type === "ImportExpression" || node.type === "TSImportType"
      ? node.source
      : node.type === "CallExpression" && node.callee.type === "Identifier" && node.callee.name === "require"
        ? node.arguments[0]
        : undefined;
  if (source?.type !== "Literal" || typeof source.value !== "string") return undefined;
  const { value, start, end } = source;
  return { value, start, end };
}
