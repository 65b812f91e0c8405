import * as fc from "fast-check";
import { expect, test } from "vitest";
import { findMagics } from "../../kernel/cell/find-magics.ts";
import { pickNames, wordsOf } from "../../kernel/cell/param-names.ts";
import { splitMagics } from "../../kernel/cell/split-magics.ts";
import { toJavaScript } from "../../kernel/cell/to-javascript.ts";
import { cases, fuzzTimeoutMs, unit } from "../fuzz.ts";
import { magicsInfo } from "./run-cells.ts";
import { traps } from "./traps.ts";

const trap = fc.constantFrom(...traps);

const magicLine = fc.constantFrom(
  "%sql select '",
  "%sql select ${x} from `t`",
  "%sh echo ( [ {",
  "%sh ls \\\n  -l",
  "%cd /tmp/👍",
  "%time f(`${x}`)",
  "const v = %sql select 1 -- /*",
  "v = %sh echo //",
  "%sql?",
  "?sql",
);

/** Compiles a text, and says where that was refused. */
function refusalOf(source: string): string {
  try {
    toJavaScript(splitMagics(source, magicsInfo, pickNames(wordsOf(source))).code);
    return "none";
  } catch (error) {
    const { name, line, column } = error as Error & { line: number; column: number };
    return `${name} at ${line}:${column}`;
  }
}

/** Statements and lines of magics, as the lines of a cell. */
const lines = fc.uniqueArray(
  fc.oneof(
    trap.map((text) => ({ text, isMagic: false })),
    magicLine.map((text) => ({ text, isMagic: true })),
  ),
  { minLength: 1, maxLength: 6, selector: ({ text }) => text },
);
const newline = fc.constantFrom("\n", "\r\n", "\n\n", "\n  ", "\n// 'said\n");

test(
  "any magic is found where it stands, and nothing else is taken for one",
  () => {
    fc.assert(
      fc.property(lines, newline, (parts, between) => {
        let source = "";
        const starts: number[] = [];
        for (const { text, isMagic } of parts) {
          const written = between === "\r\n" ? text.replaceAll("\n", "\r\n") : text;
          if (isMagic) starts.push(source.length + written.search(/%|\?/));
          source += written + between;
        }
        const uses = findMagics(source, magicsInfo);
        expect(uses.map(({ start }) => start)).toEqual(starts);
      }),
      cases(200),
    );
  },
  fuzzTimeoutMs,
);

test(
  "any code around magics stays as it was written, and what comes out is TypeScript",
  () => {
    fc.assert(
      fc.property(lines, newline, (parts, between) => {
        const source = parts.map(({ text }) => text).join(between);
        const { code } = splitMagics(source, magicsInfo, pickNames(wordsOf(source)));
        expect(parts.filter(({ text, isMagic }) => !isMagic && !code.includes(text))).toEqual([]);
        expect(code !== source).toBe(parts.some(({ isMagic }) => isMagic));
        expect(() => toJavaScript(code)).not.toThrow();
      }),
      cases(200),
    );
  },
  fuzzTimeoutMs,
);

test(
  "any text at all is split or refused with its place",
  () => {
    const piece = fc.oneof(trap, magicLine, fc.constantFrom("\n", "%", "%%", "`", "${", "}", "'", "/", "\\", "?", "="));
    fc.assert(
      fc.property(fc.array(fc.oneof(piece, fc.string({ unit, maxLength: 4 })), { maxLength: 8 }), (pieces) => {
        expect(refusalOf(pieces.join(""))).toMatch(/^(?:none|(?:SyntaxError|UsageError) at \d+:\d+)$/);
      }),
      cases(100),
    );
  },
  fuzzTimeoutMs,
);
