import * as fc from "fast-check";
import { expect, test } from "vitest";
import { findMagicPlace } from "../../kernel/runtime/magic-text.ts";
import { traps } from "../cell/traps.ts";
import { cases, fuzzTimeoutMs, unit } from "../fuzz.ts";

/** What is before the caret in the magic's text, or in its code without what is blanked out. */
function at(marked: string): string | undefined {
  const offset = marked.indexOf("‸");
  const code = marked.replace("‸", "");
  const place = findMagicPlace(code, offset);
  if (place?.kind === "text") return `${place.name} ${place.part}:${code.slice(place.start, offset)}`;
  return place && `code:${place.code.slice(0, offset).trim()}`;
}

test.for([
  ["%cd da‸", "cd line: da"],
  ["const x = 1\n  %cd da‸", "cd line: da"],
  ["const x = %cd da‸\nfoo", "cd line: da"],
  ["%sql select 1 \\\n  from ca‸", "sql line: select 1 \\\n  from ca"],
  ["%%sql --limit 5‸\nselect", "sql line: --limit 5"],
  ["%%sql x <<\nselect 1‸", "sql body:select 1"],
  ["%%sql\r\nselect 1‸\r\n", "sql body:select 1"],
  ["%sql select ${peop‸}", "code:peop"],
  ["%sql select ${peop‸", "code:peop"],
  ["%sql select ${'}' + peop‸}, 1", "code:'}' + peop"],
  ["%sql select ${a} + b‸", "sql line: select ${a} + b"],
  ["%sh echo ${a‸}", "code:a"],
  ["%%sh\necho ${a‸}", "sh body:echo ${a"],
  ["%time peop‸", "code:peop"],
  ["%timeit -n 5 peop‸", "code:peop"],
  ["%timeit -‸", "timeit line: -"],
  ["%%time\nconst x = peop‸", "code:const x = peop"],
  ["%%time\nconst q = %sql sel‸", "sql line: sel"],
  ["%nothing\n%cd da‸", "cd line: da"],
  ["%c‸d data", undefined],
  ["%cd‸", undefined],
  ["a\n% b‸", undefined],
  ["'%cd da‸'", undefined],
  ["%cd data\nfoo‸", undefined],
] as const)("%s", ([marked, expected]) => {
  expect(at(marked)).toBe(expected);
});

test(
  "any text has a place, with its text around the cursor",
  () => {
    const magics = [
      "%sql select ${a} ",
      "%%sql\n",
      "%cd ",
      "%time f(`${",
      "%%time\n",
      "\\\n",
      "%timeit -n ",
      "${",
      "}",
    ];
    const piece = fc.oneof(fc.constantFrom(...traps, ...magics), fc.string({ unit, maxLength: 4 }));
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), fc.nat(), (pieces, n) => {
        const code = pieces.join("");
        const offset = n % (code.length + 1);
        const place = findMagicPlace(code, offset);
        const { start, end } = place?.kind === "text" ? place : { start: offset, end: offset };
        expect(start).toBeLessThanOrEqual(offset);
        expect(end).toBeGreaterThanOrEqual(offset);
      }),
      cases(500),
    );
  },
  fuzzTimeoutMs,
);
