/** Writes a UUID from DuckDB's 128 bits, whose top bit is flipped so that they sort as integers. */
export function formatUuid(low: bigint, high: bigint): string {
  const hex =
    (BigInt.asUintN(64, high) ^ (1n << 63n)).toString(16).padStart(16, "0") + low.toString(16).padStart(16, "0");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

const offsetBits = 24n;
const mostOffsetSeconds = 15 * 3600 + 59 * 60 + 59;

/** Writes a time with zone from 40 bits of microseconds and 24 bits of offset, kept as their distance from the greatest. */
export function formatTimeTz(bits: bigint): string {
  const micros = Number(bits >> offsetBits);
  const offset = mostOffsetSeconds - Number(bits & ((1n << offsetBits) - 1n));
  const two = (value: number): string => String(Math.trunc(value)).padStart(2, "0");
  const clock = (seconds: number): string[] => [two(seconds / 3600), two((seconds / 60) % 60), two(seconds % 60)];
  const fraction =
    micros % 1e6
      ? `.${String(micros % 1e6)
          .padStart(6, "0")
          .replace(/0+$/, "")}`
      : "";
  const [hours, minutes, seconds] = clock(Math.abs(offset));
  const zone = `${offset < 0 ? "-" : "+"}${hours}${minutes === "00" && seconds === "00" ? "" : `:${minutes}`}`;
  return `${clock(Math.trunc(micros / 1e6)).join(":")}${fraction}${zone}${seconds === "00" ? "" : `:${seconds}`}`;
}

/** Writes a BIT value: the first byte counts the unused leading bits of the second. */
export function formatBits(bytes: Uint8Array): string {
  const digits = Array.from(bytes.subarray(1), (byte) => byte.toString(2).padStart(8, "0")).join("");
  return digits.slice(bytes[0]);
}

/** Writes a BIGNUM: three bytes of header, then the magnitude, big end first; all inverted if negative. */
export function formatBignum(bytes: Uint8Array): string {
  const negative = (bytes[0]! & 0x80) === 0;
  let value = 0n;
  for (const byte of bytes.subarray(3)) value = (value << 8n) | BigInt(negative ? byte ^ 0xff : byte);
  return String(negative ? -value : value);
}
