import type { CopyBuffer } from "./copy-buffer.ts";

const groupDigits = 4;
const groupBase = 10_000;
const wordBase = 2 ** 32;
const negative = 0x4000;
const headerBytes = 8;

/** Appends a 128-bit decimal, four words from `at` on with the lowest first, as a numeric: groups of four decimal digits. */
export function appendDecimal(out: CopyBuffer, words: Int32Array, at: number, scale: number): void {
  const isSmall = words[at + 2] === words[at + 3] && words[at + 2] === words[at + 1]! >> 31;
  const small = words[at + 1]! * wordBase + (words[at]! >>> 0);
  // Groups begin at the point, so that the last one is filled up.
  const below = Math.ceil(scale / groupDigits);
  const fill = below * groupDigits - scale;
  const size = Math.abs(small) * 10 ** fill;
  const groups = isSmall && size <= Number.MAX_SAFE_INTEGER ? splitNumber(size) : splitBig(big(words, at), fill);
  const isNegative = words[at + 3]! < 0;
  const start = out.extend(4 + headerBytes + groups.length * 2);
  const { bytes } = out;
  out.put32(start, headerBytes + groups.length * 2);
  bytes.writeInt16BE(groups.length, start + 4);
  bytes.writeInt16BE(groups.length - below - 1, start + 6);
  bytes.writeUInt16BE(isNegative ? negative : 0, start + 8);
  bytes.writeUInt16BE(scale, start + 10);
  for (let i = 0; i < groups.length; i++) {
    const group = groups[groups.length - 1 - i]!;
    bytes[start + 12 + i * 2] = group >> 8;
    bytes[start + 13 + i * 2] = group;
  }
}

function big(words: Int32Array, at: number): bigint {
  let value = BigInt(words[at + 3]!);
  for (let i = 2; i >= 0; i--) value = (value << 32n) | BigInt(words[at + i]! >>> 0);
  return value < 0n ? -value : value;
}

/** Groups, the lowest first. */
function splitNumber(value: number): number[] {
  const groups: number[] = [];
  for (let rest = value; rest > 0;) {
    const next = Math.floor(rest / groupBase);
    groups.push(rest - next * groupBase);
    rest = next;
  }
  return groups;
}

function splitBig(value: bigint, fill: number): number[] {
  const groups: number[] = [];
  for (let rest = value * 10n ** BigInt(fill); rest > 0n; rest /= 10_000n) groups.push(Number(rest % 10_000n));
  return groups;
}
