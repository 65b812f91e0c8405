import { createScanner } from "../cell/tokens.ts";

/** A piece of a magic's text: text as it stands, or an expression in `${…}`. */
export type Part = string | { readonly code: string };

/** Writes text as a string: in double quotes, or as a template where it has several lines. */
export function stringLiteral(text: string): string {
  return /\n./s.test(text) || (text.includes('"') && !/[`\\$]/.test(text))
    ? templateLiteral([text])
    : JSON.stringify(text);
}

/** Writes text and expressions as a template, or as a string where there is no expression and one line. */
export function partsLiteral(parts: readonly Part[]): string {
  const text = parts.filter((part) => typeof part === "string");
  return text.length === parts.length ? stringLiteral(text.join("")) : templateLiteral(parts);
}

/** Writes text and expressions as a template. */
export function templateLiteral(parts: readonly Part[]): string {
  return `\`${parts.map((part) => (typeof part === "string" ? escapeTemplate(part) : `\${${part.code}}`)).join("")}\``;
}

/** Makes text safe inside of a template. */
export function escapeTemplate(text: string): string {
  return text.replaceAll(/\\|`|\$(?=\{)/g, String.raw`\$&`).replaceAll("\r", String.raw`\r`);
}

/** Indents code by two spaces, but not the text of its templates. */
export function indent(code: string): string {
  const scanner = createScanner(code);
  let indented = "";
  let lineHead = true;
  for (let at = 0; at < code.length;) {
    const token = scanner.read(at);
    at = token.end;
    if (token.kind === "newline") lineHead = true;
    else if (lineHead) {
      indented += "  ";
      lineHead = false;
    }
    indented += token.kind === "comment" ? token.text.replaceAll("\n", "\n  ") : token.text;
  }
  return indented;
}

/** Makes every line a comment. */
export function comment(text: string): string {
  const lines = text.replace(/\n+$/, "").split(/\r\n|[\n\r\u2028\u2029]/);
  return lines.map((line) => (line.trim() === "" ? "//" : `// ${line}`)).join("\n");
}
