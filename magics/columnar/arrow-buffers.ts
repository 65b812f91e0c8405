// Parts of Arrow buffers, each copied into a buffer of its exact size.

/** Copies `length` bytes from byte `start` on. */
export function copyBytes(view: ArrayBufferView, start: number, length: number): Uint8Array {
  return new Uint8Array(view.buffer, view.byteOffset + start, length).slice();
}

/** Copies `count` bits from bit `start` on, so that they begin with bit 0. */
export function copyBits(bits: Uint8Array, start: number, count: number): Uint8Array {
  const first = start >> 3;
  const shift = start & 7;
  const copied = bits.slice(first, first + Math.ceil((shift + count) / 8));
  if (shift === 0) return copied;
  for (let at = 0; at < copied.length; at++)
    copied[at] = (copied[at]! >> shift) | ((copied[at + 1] ?? 0) << (8 - shift));
  return copied.slice(0, Math.ceil(count / 8));
}

/** Offsets that begin with 0, and the part of the values that they are about. */
export interface Rebased {
  readonly offsets: Uint8Array;
  readonly first: number;
  readonly last: number;
}

/** Makes 32-bit offsets that begin with 0 of the offsets of `length` rows, which may have 64 bits. */
export function rebase(offsets: Int32Array | BigInt64Array, length: number, name: string): Rebased {
  if (length === 0) return { offsets: new Uint8Array(4), first: 0, last: 0 };
  const [first, last] = [Number(offsets[0]), Number(offsets[length])];
  if (last - first > 0x7fff_ffff)
    throw new TypeError(`the column ${name} has more than 2 GB in ${length} rows. Give it in smaller record batches`);
  const made = new Int32Array(length + 1);
  if (offsets.BYTES_PER_ELEMENT === 4 && first === 0) made.set((offsets as Int32Array).subarray(0, length + 1));
  else for (let row = 0; row <= length; row++) made[row] = Number(offsets[row]) - first;
  return { offsets: new Uint8Array(made.buffer), first, last };
}
