import { isSecretName, isSecretParameter } from "./secret.ts";
import { createEnds, createLast } from "./url-ends.ts";

/** What stands in place of a secret. */
export const dots = "········";

/** Replaces a secret's value, and what is secret in URLs, by dots. */
export function maskSecret(name: string, value: string): string {
  if (isSecretName(name)) return value === "" ? "" : dots;
  return maskUrls(value);
}

const begins = /:\/\/|[?&]([\w.-]{1,64})=/g;
const user = /(?:\[[\da-f:.%]{2,64}\]|[^\s/:@?#[\]]*):(?!\s)/iy;
/** What stands behind a host where there is no login: its port, the other hosts, and then no `@` but that of a path. */
const port = /\d{1,5}(?:,[\w.[\]:-]{0,300})?(?=$|[/?\s]|[.,;:)\]}>'"`]{1,5}(?:$|[\s/?]))/y;

/**
 * Takes the password out of each URL in a text, also of one that nobody has connected to, and the parameters that are secret by
 * their name. A password goes on to the last `@` before white space or the quote that ends the literal, as people write `/`,
 * `#`, `@` and quotes in it. What a program puts in, as `${password}`, stays. Takes time in proportion to the text, whatever it
 * holds: the kernel process does so with all that is written.
 */
export function maskUrls(text: string): string {
  if (!text.includes("://")) return text;
  const endOfUrl = createEnds(text);
  const lastAt = createLast(text, "@");
  let clean = "";
  let done = 0;
  let urlEnd = 0;
  for (const { index, 0: found, 1: parameter } of text.matchAll(begins)) {
    if (index < done) continue;
    const next = index + found.length;
    let secret: readonly [from: number, to: number] | undefined;
    if (parameter === undefined) {
      const end = endOfUrl(index);
      if (end === undefined) continue;
      urlEnd = end;
      secret = findPassword(next);
    } else if (index < urlEnd && isSecretParameter(parameter)) {
      const and = text.slice(next, urlEnd).indexOf("&");
      secret = [next, and < 0 ? urlEnd : next + and];
    }
    if (!secret || secret[1] <= secret[0] || isExpression(text, secret[0])) continue;
    if (/^password$/i.test(text.slice(...secret))) continue; // it says what is to stand there
    clean += text.slice(done, secret[0]) + dots;
    done = secret[1];
  }
  return clean + text.slice(done);

  function findPassword(start: number): [number, number] | undefined {
    user.lastIndex = start;
    if (!user.test(text)) return undefined;
    const from = user.lastIndex;
    port.lastIndex = from;
    if ((from > start + 1 && port.test(text)) || isExpression(text, from)) return undefined;
    const last = lastAt(from, urlEnd);
    if (last < 0) return undefined;
    // An address in a parameter is no part of the password.
    const first = text.indexOf("@", from);
    const query = text.slice(first, last).search(/\?[\w.-]{1,64}=/);
    return [from, query < 0 ? last : text.lastIndexOf("@", first + query)];
  }
}

const mostOfExpression = 500;

/** True where what a URL's part is comes from an expression: `${…}`. */
function isExpression(text: string, from: number): boolean {
  if (!text.startsWith("${", from)) return false;
  const end = Math.min(text.length, from + mostOfExpression);
  let depth = 0;
  for (let at = from + 1; at < end; at++) {
    if (text[at] === "{") depth++;
    else if (text[at] === "}" && --depth === 0) return /^$|[^\w$]/.test(text.slice(at + 1, at + 2));
  }
  return false;
}
