import type { AccessorProperty, MethodDefinition, Node, PropertyDefinition } from "oxc-parser";
import type { Rewriting } from "./erasable.ts";
import { UnexportableError } from "./unexportable.ts";

type ClassNode = Extract<Node, { type: "ClassDeclaration" | "ClassExpression" }>;
type Member = ClassNode["body"]["body"][number];

/** Rewrites parameter properties, decorators and `accessor`; says whether the class had any. */
export function rewriteClass(node: ClassNode, rewriting: Rewriting): boolean {
  if (node.declare) return false;
  const members = node.body.body.map((member) => rewriteMember(member, node, rewriting));
  const parameters = rewriteParameters(node, rewriting);
  initializeMembers(node, rewriting);
  const decorated = rewriteClassDecorators(node, rewriting);
  return parameters || decorated || members.some(Boolean);
}

/** What decorators add for each object runs before its fields are made; only few decorators add anything. */
function initializeMembers(node: ClassNode, { code, text, api, notebook }: Rewriting): void {
  const isDecorated = node.body.body.some(
    (member) => "decorators" in member && member.decorators.length > 0 && "static" in member && !member.static,
  );
  if (!isDecorated || !/\baddInitializer\b/.test(notebook)) return;
  const indent = /\n([^\S\n]+)\S/.exec(code.slice(node.body.start))?.[1] ?? "  ";
  const name = node.id?.name ?? "this.constructor";
  text.prependLeft(node.body.start + 1, `\n${indent}readonly #initialized = ${api("initialize")}(this, ${name});`);
}

/** `constructor(readonly x: number)` becomes a field and an assignment. */
function rewriteParameters(node: ClassNode, { code, text }: Rewriting): boolean {
  const constructor = node.body.body.find(
    (member) => member.type === "MethodDefinition" && member.kind === "constructor" && member.value.body,
  );
  if (constructor?.type !== "MethodDefinition") return false;
  const fields: string[] = [];
  const assigned: string[] = [];
  for (const parameter of constructor.value.params) {
    if (parameter.type !== "TSParameterProperty") continue;
    const inner = parameter.parameter;
    const id = inner.type === "AssignmentPattern" ? inner.left : inner;
    if (id.type !== "Identifier") continue;
    const modifiers = code.slice(parameter.start, inner.start).trim();
    // Whoever may leave it out still finds it on the object.
    const type = code.slice(id.start + id.name.length, id.end).replace(/^\s*\?/, "");
    const optional = /^\s*\?/.test(code.slice(id.start + id.name.length, id.end));
    fields.push(`${modifiers} ${id.name}${optional ? "?" : ""}${type};`);
    assigned.push(`this.${id.name} = ${id.name};`);
    text.remove(parameter.start, inner.start);
  }
  if (fields.length === 0) return false;
  const { body } = constructor.value;
  if (!body) return false;
  const at = body.body.find(isSuperCall)?.end ?? body.start + 1;
  if (!code.slice(node.body.start, constructor.start).includes("\n")) {
    text.prependLeft(node.body.start + 1, ` ${fields.join(" ")}`);
    text.appendLeft(at, ` ${assigned.join(" ")}`);
    return true;
  }
  const indent = /[^\S\n]*$/.exec(code.slice(0, constructor.start))?.[0] ?? "  ";
  text.prependLeft(node.body.start + 1, `\n${fields.map((field) => indent + field).join("\n")}`);
  const lines = assigned.map((line) => `\n${indent}  ${line}`).join("");
  text.appendLeft(at, `${lines}${code.slice(body.start, body.end).includes("\n") ? "" : `\n${indent}`}`);
  return true;
}

function isSuperCall(statement: Node): boolean {
  return (
    statement.type === "ExpressionStatement" &&
    statement.expression.type === "CallExpression" &&
    statement.expression.callee.type === "Super"
  );
}

function rewriteMember(member: Member, node: ClassNode, rewriting: Rewriting): boolean {
  if (member.type === "AccessorProperty") return rewriteAccessor(member, rewriting);
  if (member.type !== "MethodDefinition" && member.type !== "PropertyDefinition") return false;
  if (member.decorators.length === 0) return false;
  const { code, text, api } = rewriting;
  if (rewriting.tsconfig.experimentalDecorators === true) {
    throw new UnexportableError(
      "decorators of TypeScript's older kind (experimentalDecorators) cannot be exported: write them as standard decorators",
      code,
      member.start,
    );
  }
  const name = nameOf(member, code);
  if (name === undefined) {
    throw new UnexportableError(
      "a decorator on a private or computed member cannot be exported: give the member a plain name",
      code,
      member.start,
    );
  }
  const decorators = decoratorsOf(member.decorators, code);
  const isStatic = member.static ? ", static: true" : "";
  for (const decorator of member.decorators) removeDecorator(decorator, member, rewriting);
  const indent = /[^\S\n]*$/.exec(code.slice(0, member.start))?.[0] ?? "  ";
  if (!("kind" in member)) {
    const field = `#${name.replaceAll(/\W/g, "_")}_decorated`;
    text.prependRight(
      member.start,
      `static readonly ${field} = ${api("decorate")}(this, { kind: "field", name: ${JSON.stringify(name)}${isStatic} }, [${decorators}]);\n${indent}`,
    );
    const className = node.id?.name;
    if (className === undefined) {
      throw new UnexportableError("a decorated field needs a class with a name to be exported", code, member.start);
    }
    if (member.value) {
      text.prependLeft(member.value.start, `${className}.${field}(this, `);
      text.appendRight(member.value.end, ")");
    } else {
      const at = code.slice(member.start, member.end).endsWith(";") ? member.end - 1 : member.end;
      text.appendLeft(at, ` = ${className}.${field}(this, undefined as never)`);
    }
    return true;
  }
  const kind = member.kind === "get" ? "getter" : member.kind === "set" ? "setter" : "method";
  // The standard applies those of static members first.
  text.appendLeft(
    member.static ? node.body.start + 1 : member.end,
    `\n${indent}static {\n${indent}  ${api("decorate")}(this, { kind: "${kind}", name: ${JSON.stringify(name)}${isStatic} }, [${decorators}]);\n${indent}}`,
  );
  return true;
}

function nameOf({ key, computed }: MethodDefinition | PropertyDefinition, code: string): string | undefined {
  if (computed) return undefined;
  if (key.type === "Identifier") return key.name;
  return key.type === "Literal" ? String(key.value ?? code.slice(key.start, key.end)) : undefined;
}

function decoratorsOf(decorators: readonly { readonly expression: Node }[], code: string): string {
  return decorators.map(({ expression }) => code.slice(expression.start, expression.end)).join(", ");
}

/** Takes a decorator away with the line on which it stood alone. */
function removeDecorator(decorator: { start: number; end: number }, _member: Node, { code, text }: Rewriting): void {
  const space = /^\s*/.exec(code.slice(decorator.end))?.[0] ?? "";
  text.remove(decorator.start, decorator.end + space.length);
}

/** A class's own decorators may give another class in its place. */
function rewriteClassDecorators(node: ClassNode, rewriting: Rewriting): boolean {
  if (node.decorators.length === 0) return false;
  const { code, text, api } = rewriting;
  const name = node.id?.name;
  if (node.type === "ClassExpression" || name === undefined) {
    throw new UnexportableError(
      "a decorator on a class without a name cannot be exported: give the class a name",
      code,
      node.start,
    );
  }
  for (const decorator of node.decorators) removeDecorator(decorator, node, rewriting);
  const decorate = `${api("decorate")}(${name}, { kind: "class", name: ${JSON.stringify(name)} }, [${decoratorsOf(node.decorators, code)}])`;
  text.appendLeft(
    node.end,
    `\n// @ts-expect-error -- a decorator may give another class in the place of this one\n${name} = ${decorate};`,
  );
  return true;
}

/** `accessor x = 1` becomes a private field with a getter and a setter. */
function rewriteAccessor(member: AccessorProperty, { code, text }: Rewriting): boolean {
  if (member.decorators.length > 0 || member.computed || member.key.type !== "Identifier") {
    throw new UnexportableError("this `accessor` cannot be exported: write a getter and a setter", code, member.start);
  }
  const { name } = member.key;
  const field = `#${name}_value`;
  const modifiers = code.slice(member.start, member.key.start).replace(/\baccessor\s+/, "");
  const isStatic = member.static ? "static " : "";
  const type = member.typeAnnotation ? code.slice(member.typeAnnotation.start, member.typeAnnotation.end) : "";
  const value = member.value ? ` = ${code.slice(member.value.start, member.value.end)}` : "";
  const indent = /[^\S\n]*$/.exec(code.slice(0, member.start))?.[0] ?? "  ";
  const missing = type !== "" && value === "" ? "!" : "";
  text.update(
    member.start,
    member.end,
    [
      `${isStatic}${field}${missing}${type}${value};`,
      `${modifiers}get ${name}()${type} {\n${indent}  return this.${field};\n${indent}}`,
      `${modifiers}set ${name}(value${type}) {\n${indent}  this.${field} = value;\n${indent}}`,
    ].join(`\n${indent}`),
  );
  return true;
}
