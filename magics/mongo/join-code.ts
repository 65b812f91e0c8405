import { MagicError } from "../magic.ts";

/** Puts values, as code, between the parts of a body; within a template literal as `${value}`. */
export function joinCode(strings: readonly string[], value: (index: number) => string): string {
  let code = strings[0] ?? "";
  for (const [i, part] of strings.slice(1).entries()) {
    const inside = openQuote(code);
    if (inside === '"' || inside === "'")
      throw new MagicError(
        "mongo",
        `\${…} within ${inside}…${inside} is text. Write it without the quotes, or the text in backticks`,
      );
    code += inside === "`" ? `\${${value(i)}}` : value(i);
    code += part;
  }
  return code;
}

const skipped = /\/\/[^\n]*|\/\*[^]*?\*\/|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\[^]|[^`\\])*`/g;

/** The quote that is open at the end of some code. */
function openQuote(code: string): string | undefined {
  return /["'`]/.exec(code.replaceAll(skipped, ""))?.[0];
}
