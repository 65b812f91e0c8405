import { readInt32 } from "./writer.ts";

/** Writes the time of a timetz as PostgreSQL does: `04:05:06.789+02`. */
export function formatTimeTz(bytes: Buffer, at: number): string {
  const micros = Number(bytes.readBigInt64BE(at));
  const two = (value: number): string => String(Math.trunc(value)).padStart(2, "0");
  const seconds = Math.trunc(micros / 1e6);
  const rest = micros % 1e6;
  const fraction = rest === 0 ? "" : `.${String(rest).padStart(6, "0").replace(/0+$/, "")}`;
  // Seconds west of Greenwich.
  const zone = -readInt32(bytes, at + 8);
  const away = Math.abs(zone);
  const parts = [two(away / 3600), two((away / 60) % 60), two(away % 60)];
  while (parts.length > 1 && parts.at(-1) === "00") parts.pop();
  const clock = [two(seconds / 3600), two((seconds / 60) % 60), two(seconds % 60)].join(":");
  return `${clock}${fraction}${zone < 0 ? "-" : "+"}${parts.join(":")}`;
}

/** Writes a bit or varbit: its number of bits, then they. */
export function formatBits(bytes: Buffer, at: number, length: number): string {
  const digits = Array.from(bytes.subarray(at + 4, at + length), (byte) => byte.toString(2).padStart(8, "0"));
  return digits.join("").slice(0, readInt32(bytes, at));
}

/** Writes a macaddr or macaddr8. */
export function formatMac(bytes: Buffer, at: number, length: number): string {
  return Array.from(bytes.subarray(at, at + length), (byte) => byte.toString(16).padStart(2, "0")).join(":");
}

const version4 = 2;

/** Writes an inet or cidr: family, bits of the mask, whether it is a cidr, length, and the address. */
export function formatAddress(bytes: Buffer, at: number): string {
  const [family, mask, isCidr, length] = bytes.subarray(at, at + 4) as unknown as [number, number, number, number];
  const address = bytes.subarray(at + 4, at + 4 + length);
  const text = family === version4 ? address.join(".") : formatVersion6(address);
  return isCidr === 0 && mask === length * 8 ? text : `${text}/${mask}`;
}

/** The longest run of two or more zero groups becomes `::`; addresses that hold one of version 4 end with it. */
function formatVersion6(address: Buffer): string {
  const groups = Array.from({ length: 8 }, (_, i) => address.readUInt16BE(i * 2));
  let best = { start: -1, length: 1 };
  for (let start = 0; start < 8; start++) {
    let length = 0;
    while (groups[start + length] === 0) length++;
    if (length > best.length) best = { start, length };
  }
  const isMapped =
    best.start === 0 && (best.length === 6 || (best.length === 5 && groups[5] === 0xff_ff) || best.length === 7);
  const hex = groups.map((group) => group.toString(16));
  if (isMapped && !(best.length === 7 && groups[7] === 1)) {
    const dotted = address.subarray(12).join(".");
    return best.length === 5 ? `::ffff:${dotted}` : `::${dotted}`;
  }
  if (best.start < 0) return hex.join(":");
  return `${hex.slice(0, best.start).join(":")}::${hex.slice(best.start + best.length).join(":")}`;
}
