import { createRequire } from "node:module";
import type { Directive, ExportDefaultDeclarationKind, Statement, VariableDeclaration } from "oxc-parser";

const require = createRequire(import.meta.url);
const parser = (): typeof import("oxc-parser") => require("oxc-parser") as typeof import("oxc-parser");

/**
 * Finds the functions and classes that a module declares at its top, and what it makes and exports: the names whose values
 * can be told from those of another version. What it only passes on, such as a package's function, is not among them.
 */
export function findMadeNames(code: string): readonly string[] {
  const { program, errors } = parser().parseSync("module.js", code, { lang: "js", sourceType: "module" });
  if (errors.length > 0) return [];
  const exported = new Set(program.body.flatMap(listedNames));
  const names = new Set<string>();
  for (const statement of program.body) {
    const declaration = declarationIn(statement);
    if (declaration?.type === "FunctionDeclaration" || declaration?.type === "ClassDeclaration") {
      if (declaration.id) names.add(declaration.id.name);
    } else if (declaration?.type === "VariableDeclaration") {
      for (const { name, makes } of variablesOf(declaration)) {
        if (makes === "function" || (makes === "value" && (declaration !== statement || exported.has(name)))) {
          names.add(name);
        }
      }
    }
  }
  return [...names];
}

function listedNames(statement: Directive | Statement): readonly string[] {
  if (statement.type !== "ExportNamedDeclaration" || statement.source) return [];
  return statement.specifiers.flatMap(({ local }) => (local.type === "Identifier" ? [local.name] : []));
}

function declarationIn(statement: Directive | Statement): ExportDefaultDeclarationKind | Directive | Statement | null {
  const isExport = statement.type === "ExportNamedDeclaration" || statement.type === "ExportDefaultDeclaration";
  return isExport ? statement.declaration : statement;
}

interface Variable {
  readonly name: string;
  readonly makes: "function" | "value" | "nothing";
}

function variablesOf({ declarations }: VariableDeclaration): readonly Variable[] {
  return declarations.flatMap(({ id, init }): readonly Variable[] => {
    if (id.type !== "Identifier" || !init) return [];
    if (/^(?:Arrow)?Function|^Class/.test(init.type)) return [{ name: id.name, makes: "function" }];
    const isPassedOn = /^(?:Identifier|MemberExpression|Literal)$/.test(init.type);
    return [{ name: id.name, makes: isPassedOn ? "nothing" : "value" }];
  });
}
