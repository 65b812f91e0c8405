import * as fc from "fast-check";
import { expect, test } from "vitest";
import { findContext, findSubject } from "../../kernel/runtime/code-context.ts";
import { traps } from "../cell/traps.ts";
import { cases, fuzzTimeoutMs, unit } from "../fuzz.ts";

const lines = fc.array(fc.constantFrom(...traps, "%sh echo 🫐 it's", "%%time"), { maxLength: 5 });
const newline = fc.constantFrom("\n", "\r\n", ";\n  ");

test(
  "any code before it leaves the place of a completion as it is",
  () => {
    fc.assert(
      fc.property(lines, newline, (before, between) => {
        const start = [...before, ""].join(between);
        const path = { base: { name: "cars" }, steps: ["a b"] };
        expect(findContext(`${start}cars["a b"]?.or`)).toEqual({
          kind: "member",
          path,
          prefix: "or",
          start: start.length + `cars["a b"]?.`.length,
        });
        const subject = { path: { base: { name: "cars" }, steps: ["origin"] }, text: "cars.origin" };
        expect(findSubject(`${start}cars.origin`, start.length + 7)).toEqual(subject);
      }),
      cases(500),
    );
  },
  fuzzTimeoutMs,
);

test(
  "any text has a place to complete, within it",
  () => {
    const piece = fc.oneof(
      fc.constantFrom(...traps),
      fc.constantFrom(
        "`",
        "${",
        "}",
        "'",
        '"',
        "/",
        "\\",
        "%",
        "[",
        "]",
        "(",
        ")",
        ".",
        "?.",
        "!",
        "import(",
        "🫐",
        "\n",
      ),
      fc.string({ unit, maxLength: 4 }),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 10 }), fc.nat(), (pieces, n) => {
        const code = pieces.join("");
        const offset = n % (code.length + 1);
        const context = findContext(code.slice(0, offset));
        const { prefix, start } = "prefix" in context ? context : { prefix: "", start: offset };
        expect(code.slice(start, offset)).toBe(prefix);
        expect(findSubject(code, offset)?.text).not.toBe("");
      }),
      cases(500),
    );
  },
  fuzzTimeoutMs,
);
