import type { BsonValue } from "./bson.ts";

/** A decimal as an integer and how many of its digits are behind the point (negative: zeros that follow). */
export interface Unscaled {
  readonly digits: bigint;
  readonly scale: number;
}

const exponentBias = 6176;
const mostDigits = 10n ** 34n - 1n;

/** Reads a decimal; undefined for infinities and NaN. */
export function readDecimal({ bytes, at }: BsonValue): Unscaled | undefined {
  const high = bytes.readBigUInt64LE(at + 8);
  const low = bytes.readBigUInt64LE(at);
  const combination = Number((high >> 58n) & 31n);
  if (combination >= 30) return undefined;
  // With these two bits set the format has room for more digits than a decimal may have: such a value counts as zero.
  const isWide = combination >> 3 === 3;
  const exponent = Number((high >> (isWide ? 47n : 49n)) & 0x3fffn) - exponentBias;
  const coefficient = isWide ? 0n : ((high & 0x1_ffff_ffff_ffffn) << 64n) | low;
  const digits = coefficient > mostDigits ? 0n : coefficient;
  return { digits: high >> 63n ? -digits : digits, scale: -exponent };
}

/** Brings a decimal to a scale; undefined where that would lose digits. */
export function rescale({ digits, scale }: Unscaled, wanted: number): bigint | undefined {
  if (wanted >= scale) return digits * 10n ** BigInt(wanted - scale);
  const factor = 10n ** BigInt(scale - wanted);
  return digits % factor === 0n ? digits / factor : undefined;
}

/** How many digits stand before the point. */
export function wholeDigits({ digits, scale }: Unscaled): number {
  if (digits === 0n) return 0;
  return Math.max(0, String(digits).replace("-", "").length - scale);
}
