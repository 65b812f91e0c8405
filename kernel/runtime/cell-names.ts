import { pickNames, wordsOf } from "../cell/param-names.ts";

const identifier = String.raw`[\p{ID_Start}$_][\p{ID_Continue}$]*`;

/**
 * Says a message of V8's in the names that the user wrote: V8 prints the compiled call, `(0 , $.f)`, for the cell's `f`.
 * `source` is the cell that threw, `line` (1-based) the place in it.
 */
export function inUsersNames(message: string, source: string, line: number): string {
  const scope = pickNames(wordsOf(source))
    .scope(0)
    .replaceAll("$", String.raw`\$`);
  const call = new RegExp(String.raw`\(0 ?, ${scope}\d*\.(${identifier})\)`, "gu");
  const name = new RegExp(String.raw`(?<![\p{ID_Continue}$.])${scope}\d*\.(?=${identifier})`, "gu");
  const plain = message.replaceAll(call, "$1").replaceAll(name, "");
  // The scope objects have no class of which V8 could speak.
  const [, constant] = /^Cannot assign to read only property '(.+)' of object '\[object Object\]'$/.exec(plain) ?? [];
  if (constant === undefined || !isNamed(constant, source.split("\n")[line - 1] ?? "")) return plain;
  return `Assignment to constant variable '${constant}'.`;
}

/** Whether a line of code speaks of a variable, and not only of a property `o.name`. */
function isNamed(name: string, text: string): boolean {
  const pattern = name.replaceAll("$", String.raw`\$`);
  return new RegExp(String.raw`(?<![\p{ID_Continue}$.])${pattern}(?![\p{ID_Continue}$])`, "u").test(text);
}
