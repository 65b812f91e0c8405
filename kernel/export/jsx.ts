/* oxlint-disable typescript/switch-exhaustiveness-check -- of some 150 node types, a switch names those that matter */
import type { Node } from "oxc-parser";
import type { Rewriting } from "./erasable.ts";

type Element = Extract<Node, { type: "JSXElement" | "JSXFragment" }>;

/** Writes JSX as calls: of `React.createElement`, or of what the tsconfig.json names. */
export function rewriteJsx(node: Element, rewriting: Rewriting): boolean {
  const { text, tsconfig } = rewriting;
  text.update(node.start, node.end, write(node, rewriting));
  const head = `import { Fragment, jsx, jsxs } from "${tsconfig.jsxImportSource ?? "react"}/jsx-runtime";\n`;
  if (isAutomatic(tsconfig) && !text.toString().startsWith(head)) text.prepend(head);
  return true;
}

function write(node: Element, rewriting: Rewriting): string {
  const { tsconfig, code } = rewriting;
  const factory = tsconfig.jsxFactory ?? "React.createElement";
  const fragment = tsconfig.jsxFragmentFactory ?? "React.Fragment";
  const isFragment = node.type === "JSXFragment";
  const type = isFragment ? fragment : tagOf(node.openingElement.name, code);
  const properties = isFragment ? "null" : propertiesOf(node.openingElement.attributes, rewriting);
  const children = node.children.flatMap((child) => childOf(child, rewriting));
  if (isAutomatic(tsconfig)) {
    const inside =
      children.length > 0 ? [`children: ${children.length > 1 ? `[${children.join(", ")}]` : children[0]}`] : [];
    const all = [properties.replace(/^\{ | \}$|^null$/g, ""), ...inside].filter((part) => part !== "");
    return `jsx${children.length > 1 ? "s" : ""}(${isFragment ? "Fragment" : type}, { ${all.join(", ")} })`;
  }
  return `${factory}(${[type, properties, ...children].join(", ")})`;
}

function isAutomatic({ jsx, jsxImportSource }: Rewriting["tsconfig"]): boolean {
  return jsx?.startsWith("react-jsx") === true || jsxImportSource !== undefined;
}

function tagOf(name: Node, code: string): string {
  const written = code.slice(name.start, name.end);
  return name.type === "JSXIdentifier" && /^[a-z]|-/.test(written) ? JSON.stringify(written) : written;
}

function propertiesOf(attributes: readonly Node[], rewriting: Rewriting): string {
  const { code } = rewriting;
  if (attributes.length === 0) return "null";
  const list = attributes.map((attribute) => {
    if (attribute.type === "JSXSpreadAttribute") {
      return `...${code.slice(attribute.argument.start, attribute.argument.end)}`;
    }
    if (attribute.type !== "JSXAttribute") return "";
    const name = code.slice(attribute.name.start, attribute.name.end);
    const key = /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(name) ? name : JSON.stringify(name);
    const { value } = attribute;
    if (!value) return `${key}: true`;
    if (value.type === "Literal") return `${key}: ${JSON.stringify(unescape(value.value))}`;
    return `${key}: ${childOf(value, rewriting)[0] ?? "undefined"}`;
  });
  return `{ ${list.join(", ")} }`;
}

function childOf(node: Node, rewriting: Rewriting): string[] {
  const { code } = rewriting;
  switch (node.type) {
    case "JSXElement":
    case "JSXFragment":
      return [write(node, rewriting)];
    case "JSXExpressionContainer": {
      const { expression } = node;
      return expression.type === "JSXEmptyExpression" ? [] : [code.slice(expression.start, expression.end)];
    }
    case "JSXSpreadChild":
      return [`...${code.slice(node.expression.start, node.expression.end)}`];
    case "JSXText": {
      const text = textOf(code.slice(node.start, node.end));
      return text === "" ? [] : [JSON.stringify(text)];
    }
    default:
      return [];
  }
}

/** Lines are trimmed and joined by a space; what is empty then is left out. */
function textOf(text: string): string {
  const lines = text.split("\n");
  const trimmed = lines.map((line, at) => {
    const start = at === 0 ? line : line.replace(/^[ \t]+/, "");
    return at === lines.length - 1 ? start : start.replace(/[ \t]+$/, "");
  });
  return unescape(trimmed.filter((line) => line !== "").join(" "));
}

const entities: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'", nbsp: "\u00A0" };

function unescape(text: string): string {
  return text.replaceAll(
    /&(?:#(\d+)|#x([\da-f]+)|(\w+));/gi,
    (whole, decimal?: string, hex?: string, name?: string) => {
      if (decimal !== undefined) return String.fromCodePoint(Number(decimal));
      if (hex !== undefined) return String.fromCodePoint(Number.parseInt(hex, 16));
      return entities[name ?? ""] ?? whole;
    },
  );
}
