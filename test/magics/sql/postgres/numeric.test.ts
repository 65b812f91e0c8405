import * as fc from "fast-check";
import { expect, test } from "vitest";
import { readColumn } from "../../../../magics/columnar/column-values.ts";
import { Decimals, NumericTexts } from "../../../../magics/sql/postgres/columns/numeric.ts";
import { CopyBuffer } from "../../../../magics/sql/postgres/copy-buffer.ts";
import { appendDecimal } from "../../../../magics/sql/postgres/copy-numeric.ts";
import { decimalOf } from "../../../../magics/sql/postgres/types.ts";
import { formatDecimal } from "../../../../magics/columnar/value-json.ts";

const most = 10n ** 38n - 1n;

/** A decimal as four words, the lowest first. */
function wordsOf(value: bigint): Int32Array {
  return Int32Array.from({ length: 4 }, (_, i) => Number(BigInt.asIntN(32, value >> BigInt(i * 32))));
}

test("decimals of all sizes and scales are written as numerics, and read as what they were", () => {
  const small = fc.bigInt({ min: -(10n ** 18n), max: 10n ** 18n });
  fc.assert(
    fc.property(
      fc.oneof(small, fc.bigInt({ min: -most, max: most })),
      fc.integer({ min: 0, max: 38 }),
      (value, scale) => {
        const out = new CopyBuffer();
        appendDecimal(out, wordsOf(value), 0, scale);
        const { bytes } = out;
        const start = 5 + 4; // behind the message's header and the length
        expect(bytes.readInt32BE(5)).toBe(out.length - start);
        const decimals = new Decimals(38, scale);
        decimals.write(bytes, start);
        expect(readColumn(decimals.type(), decimals.finish())(0)).toBe(value);
        const texts = new NumericTexts();
        texts.write(bytes, start);
        expect(readColumn(texts.type(), texts.finish())(0)).toBe(formatDecimal(value, scale));
      },
    ),
  );
});

test("a numeric's modifier says precision and scale, also those that SQL has and Arrow has not", () => {
  const modifier = (precision: number, scale: number): number => ((precision << 16) | (scale & 0x7ff)) + 4;
  expect(decimalOf(modifier(10, 2))).toEqual({ precision: 10, scale: 2 });
  expect(decimalOf(modifier(3, -2))).toEqual({ precision: 5, scale: 0 });
  expect(decimalOf(modifier(2, 5))).toEqual({ precision: 5, scale: 5 });
  expect(decimalOf(modifier(39, 0))).toBeUndefined();
  expect(decimalOf(-1)).toBeUndefined();
});
