import type { CArray, CField } from "../../columnar/c-data.ts";
import { addressOf, emptyFunction, type Pointer } from "./library.ts";

/** Structs of Arrow's C data interface in memory of ours; they are good as long as this object lives. */
export interface Laid {
  readonly address: Pointer;
  /** Everything that the address leads to. */
  readonly memory: unknown[];
}

const flagNullable = 2n;

/** Lays out an `ArrowSchema` whose children are the columns. */
export function layOutSchema(fields: readonly CField[]): Laid {
  return schema({ format: "+s", name: "", children: fields });
}

function schema({ format, name, children, dictionary }: CField): Laid {
  const memory: unknown[] = [];
  const texts = [format, name].map((text) => keep(memory, new TextEncoder().encode(`${text}\0`)));
  const made = children.map(schema);
  const meaning = dictionary && schema(dictionary);
  memory.push(made, meaning);
  const pointers = list(
    memory,
    made.map(({ address }) => address),
  );
  // format, name, metadata, flags, n_children, children, dictionary, release, private_data
  const fields = [
    texts[0]!,
    texts[1]!,
    0n,
    flagNullable,
    BigInt(made.length),
    pointers,
    meaning?.address ?? 0n,
    emptyFunction(),
    0n,
  ];
  return { address: list(memory, fields), memory };
}

/** Lays out an `ArrowArray` over the buffers of `array`. */
export function layOutArray({ length, nullCount, buffers, children, dictionary }: CArray): Laid {
  const memory: unknown[] = [buffers];
  const made = children.map(layOutArray);
  const meaning = dictionary && layOutArray(dictionary);
  memory.push(made, meaning);
  const data = list(
    memory,
    buffers.map((buffer) => (buffer === null ? 0n : bufferAddress(memory, buffer))),
  );
  const pointers = list(
    memory,
    made.map((child) => child.address),
  );
  const [rows, nulls] = [BigInt(length), BigInt(nullCount)];
  // length, null_count, offset, n_buffers, n_children, buffers, children, dictionary, release, private_data
  const counts = [rows, nulls, 0n, BigInt(buffers.length), BigInt(made.length)];
  return { address: list(memory, [...counts, data, pointers, meaning?.address ?? 0n, emptyFunction(), 0n]), memory };
}

/** An empty buffer has no address of its own; readers may still want one. */
function bufferAddress(memory: unknown[], buffer: Uint8Array): Pointer {
  return buffer.length > 0 ? addressOf(buffer) : keep(memory, new Uint8Array(64));
}

function keep(memory: unknown[], bytes: Uint8Array): Pointer {
  // Small typed arrays may lie in the moving heap; asking for their buffer puts them outside.
  memory.push(bytes, bytes.buffer);
  return addressOf(bytes);
}

function list(memory: unknown[], words: readonly bigint[]): Pointer {
  return keep(memory, new Uint8Array(BigInt64Array.from([...words, 0n]).buffer));
}
