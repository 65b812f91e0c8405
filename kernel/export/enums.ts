/* oxlint-disable typescript/switch-exhaustiveness-check -- of some 150 node types, a switch names those that matter */
import type { Node } from "oxc-parser";
import type { Rewriting } from "./erasable.ts";

type EnumDeclaration = Extract<Node, { type: "TSEnumDeclaration" }>;

interface Member {
  readonly name: string;
  /** Its value, where that is known before it runs. */
  readonly value: string | number | undefined;
  /** Its value as code. */
  readonly code: string;
}

/**
 * Writes an enum as an object and a type of the same name: what `tsc` and Node both take. The types are those of an
 * ambient enum, of which nothing runs: no other type widens as an enum's member does in `let e = E.A`.
 */
export function writeEnum(
  node: EnumDeclaration,
  isExported: boolean,
  { code, qualified, ambientName }: Pick<Rewriting, "code" | "qualified" | "ambientName">,
): { readonly ambient: string; readonly code: string } {
  const { name } = node.id;
  const types = ambientName(name);
  const members = membersOf(node, code);
  const comments = node.body.members.map(({ start }, at) => leadOf(node, at, start, code));
  const lines = members.map((member, at) => `${comments[at]}${keyOf(member.name)}: ${member.code},`);
  // As in an enum, a number gives its name.
  const reverse = members.flatMap((member) =>
    typeof member.value === "number" ? [`${reverseKey(member.value)}: ${JSON.stringify(member.name)},`] : [],
  );
  const all = [...lines, ...reverse].join("\n").replaceAll(/^(?=.)/gm, "  ");
  const head = isExported ? "export " : "";
  const isShort = members.length <= 4 && comments.every((comment) => comment === "") && all.length < 70;
  const object = isShort ? `{ ${[...lines, ...reverse].join(" ").replace(/,$/, "")} }` : `{\n${all}\n}`;
  const computed = members.filter(({ value }) => value === undefined);
  const later = computed.map((member) => {
    const own = `${name}${access(member.name)}`;
    return `\nObject.assign(${name}, { [${own}]: ${JSON.stringify(member.name)} });`;
  });
  const typed = members.map(({ name: own, value }) => keyOf(own) + (value === undefined ? "" : ` = ${literal(value)}`));
  const aliases = members.map((member) => `type ${member.name} = ${types}.${member.name};`);
  const isNamed = members.every(({ name: own }) => keyOf(own) === own);
  const space = isNamed && qualified.has(name) ? `\n${head}declare namespace ${name} { ${aliases.join(" ")} }` : "";
  return {
    ambient: `declare enum ${types} { ${typed.join(", ")} }\n`,
    code: `const ${name} = ${object} as unknown as typeof ${types};${later.join("")}\n${head}type ${name} = ${types};${space}`,
  };
}

/** The comments above a member, and blank lines between members. */
function leadOf(node: EnumDeclaration, at: number, start: number, code: string): string {
  const before = node.body.members[at - 1]?.end ?? node.body.start + 1;
  const lead = code.slice(before, start).replace(/^\s*,?/, "");
  const comments = lead.match(/\/\/[^\n]*|\/\*[^]*?\*\//g) ?? [];
  return comments.map((comment) => `${comment}\n`).join("");
}

function membersOf(node: EnumDeclaration, code: string): Member[] {
  const values = new Map<string, string | number | undefined>();
  let next: number | undefined = 0;
  let previous = "";
  return node.body.members.map(({ id, initializer }) => {
    const name =
      id.type === "Identifier" ? id.name : id.type === "Literal" ? id.value : code.slice(id.start + 1, id.end - 1);
    let value: string | number | undefined;
    let written: string;
    if (!initializer) {
      value = next;
      written = value === undefined ? `${node.id.name}${access(previous)} + 1` : String(value);
    } else {
      value = evaluate(initializer, values, node.id.name);
      const source = code.slice(initializer.start, initializer.end);
      // Other members have no names of their own in the object.
      written = value === undefined ? source : initializer.type === "Literal" ? source : literal(value);
    }
    values.set(name, value);
    next = typeof value === "number" ? value + 1 : undefined;
    previous = name;
    return { name, value, code: written };
  });
}

function literal(value: string | number): string {
  return typeof value === "string" ? JSON.stringify(value) : String(value);
}

/** Works out a member's value, as the compiler does. */
function evaluate(
  node: Node,
  members: ReadonlyMap<string, string | number | undefined>,
  self: string,
): string | number | undefined {
  const inner = (part: Node): string | number | undefined => evaluate(part, members, self);
  switch (node.type) {
    case "Literal":
      return typeof node.value === "string" || typeof node.value === "number" ? node.value : undefined;
    case "TemplateLiteral": {
      const values = node.expressions.map(inner);
      if (values.includes(undefined)) return undefined;
      return node.quasis.reduce((text, { value }, at) => `${text}${at > 0 ? values[at - 1] : ""}${value.cooked}`, "");
    }
    case "ParenthesizedExpression":
      return inner(node.expression);
    case "Identifier":
      return members.get(node.name);
    case "MemberExpression":
      if (node.object.type !== "Identifier" || node.object.name !== self) return undefined;
      if (node.property.type === "Literal") return members.get(String(node.property.value));
      return node.property.type === "Identifier" ? members.get(node.property.name) : undefined;
    case "UnaryExpression": {
      const value = inner(node.argument);
      if (typeof value !== "number") return undefined;
      return { "-": -value, "+": value, "~": ~value }[node.operator as string];
    }
    case "BinaryExpression":
      return join(node.operator, inner(node.left), inner(node.right));
    default:
      return undefined;
  }
}

function join(
  operator: string,
  a: string | number | undefined,
  b: string | number | undefined,
): string | number | undefined {
  if (a === undefined || b === undefined) return undefined;
  if (typeof a === "string" || typeof b === "string") return operator === "+" ? `${a}${b}` : undefined;
  const operations: Record<string, number> = {
    "+": a + b,
    "-": a - b,
    "*": a * b,
    "/": a / b,
    "%": a % b,
    "**": a ** b,
    "<<": a << b,
    ">>": a >> b,
    ">>>": a >>> b,
    "|": a | b,
    "&": a & b,
    "^": a ^ b,
  };
  return operations[operator];
}

function keyOf(name: string): string {
  return /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(name) ? name : JSON.stringify(name);
}

function reverseKey(value: number): string {
  return Number.isInteger(value) && value >= 0 ? String(value) : JSON.stringify(String(value));
}

function access(name: string): string {
  return /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`;
}
