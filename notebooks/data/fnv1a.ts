/** The 32-bit FNV-1a hash of a text's UTF-8 bytes: the same on every machine and in every run. */
export function fnv1a(text: string): number {
  let hash = 0x81_1c_9d_c5;
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01_00_01_93);
  return hash >>> 0;
}
