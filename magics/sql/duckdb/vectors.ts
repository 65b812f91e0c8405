import { ByteSink } from "../../columnar/byte-sink.ts";
import type { ColumnData } from "../../columnar/columnar.ts";
import { isValid, Validity } from "../../columnar/validity.ts";
import type { CopyMemory, Library, Pointer } from "./library.ts";
import { typeId, type NativeType } from "./logical-type.ts";
import { NativeStrings } from "./native-string.ts";
import { formatBignum, formatBits, formatTimeTz, formatUuid } from "./text-types.ts";

/** Collects one column from DuckDB's vectors. */
export interface VectorReader {
  /** Appends rows `start` to `start + count` of a vector; rows whose bit in `outer` is not set are null whatever the vector says. */
  append(vector: Pointer, start: number, count: number, outer?: Uint8Array): void;
  /** Gives what was appended and begins anew. */
  finish(): ColumnData;
}

/** What readers need of DuckDB. */
export interface Native {
  readonly library: Library;
  readonly copyMemory: CopyMemory;
}

type Fixed = (
  source: Uint8Array<ArrayBuffer>,
  target: Uint8Array<ArrayBuffer>,
  count: number,
  valid: (row: number) => boolean,
) => void;

/** Makes the reader for a type: a table from how DuckDB stores it. */
export function createReader(native: Native, type: NativeType): VectorReader {
  switch (type.id) {
    case typeId.varchar:
    case typeId.blob:
    case typeId.geometry:
      return strings(native);
    case typeId.bit:
      return formattedStrings(native, formatBits);
    case typeId.bignum:
      return formattedStrings(native, formatBignum);
    case typeId.uuid:
      return formattedFixed(native, 16, (words, i) => formatUuid(words[2 * i]!, words[2 * i + 1]!));
    case typeId.timeTz:
      return formattedFixed(native, 8, (words, i) => formatTimeTz(words[i]!));
    case typeId.boolean:
      return booleans(native);
    case typeId.interval:
      return converted(native, 16, 16, toMonthDayNano);
    case typeId.uhugeint:
      return formattedFixed(native, 16, (words, i) => String((words[2 * i + 1]! << 64n) | words[2 * i]!));
    case typeId.decimal:
      return decimals(native, type);
    case typeId.list:
    case typeId.map:
      return lists(native, type);
    case typeId.array:
      return arrays(native, type);
    case typeId.struct:
      return structs(native, type);
    case typeId.union:
      return unions(native, type);
    case typeId.sqlnull:
      return nulls();
    default:
      return fixed(native, width(type.storage));
  }
}

function width(storage: number): number {
  switch (storage) {
    case typeId.tinyint:
    case typeId.utinyint:
      return 1;
    case typeId.smallint:
    case typeId.usmallint:
      return 2;
    case typeId.integer:
    case typeId.uinteger:
    case typeId.float:
    case typeId.date:
      return 4;
    case typeId.hugeint:
      return 16;
    default:
      return 8;
  }
}

/** Copies a vector's validity bits up to row `end`; what is inside a null struct or array is null too, its bytes mean nothing. */
function validityBits(
  { library, copyMemory }: Native,
  vector: Pointer,
  end: number,
  outer?: Uint8Array,
): Uint8Array | undefined {
  const pointer = library.vector_get_validity(vector);
  if (pointer === null) return outer;
  const bits = new Uint8Array((end + 7) >> 3);
  copyMemory(bits, pointer, bits.length);
  return outer ? bits.map((byte, i) => byte & outer[i]!) : bits;
}

/** Repeats each bit `size` times: from rows of an array column to its items. */
function repeatBits(bits: Uint8Array | undefined, size: number, end: number): Uint8Array | undefined {
  if (bits === undefined) return undefined;
  const repeated = new Uint8Array((end * size + 7) >> 3);
  for (let i = 0; i < end * size; i++) if (isValid(bits, Math.floor(i / size))) repeated[i >> 3]! |= 1 << (i & 7);
  return repeated;
}

function nulls(): VectorReader {
  let length = 0;
  return {
    append: (_vector, _start, count) => void (length += count),
    finish: () => {
      const data = { length, nullCount: length };
      length = 0;
      return data;
    },
  };
}

function fixed(native: Native, bytes: number): VectorReader {
  const validity = new Validity();
  const values = new ByteSink();
  return {
    append(vector, start, count, outer) {
      validity.append(validityBits(native, vector, start + count, outer), start, count);
      const source = native.library.vector_get_data(vector) + BigInt(start * bytes);
      const at = values.extend(count * bytes);
      native.copyMemory(values.bytes.subarray(at, values.length), source, count * bytes);
    },
    finish: () => ({ ...validity.finish(), values: values.finish() }),
  };
}

/** Reads values of `from` bytes that Arrow has in another form, of `to` bytes. */
function converted(native: Native, from: number, to: number, convert: Fixed): VectorReader {
  const validity = new Validity();
  const values = new ByteSink();
  return {
    append(vector, start, count, outer) {
      const bits = validityBits(native, vector, start + count, outer);
      validity.append(bits, start, count);
      const source = new Uint8Array(count * from);
      native.copyMemory(source, native.library.vector_get_data(vector) + BigInt(start * from), source.length);
      const target = new Uint8Array(count * to);
      convert(source, target, count, (row) => isValid(bits, start + row));
      const at = values.extend(target.length);
      values.bytes.set(target, at);
    },
    finish: () => ({ ...validity.finish(), values: values.finish() }),
  };
}

/** Lengthens integers of 64 bits to 128. */
function widen(source: Uint8Array<ArrayBuffer>, target: Uint8Array<ArrayBuffer>, count: number): void {
  const read = new BigInt64Array(source.buffer);
  const write = new BigInt64Array(target.buffer);
  for (let row = 0; row < count; row++) {
    write[row * 2] = read[row]!;
    write[row * 2 + 1] = read[row]! < 0n ? -1n : 0n;
  }
}

/** Lengthens integers of 16 or 32 bits to 128. */
function widenSmall(source: Int16Array | Int32Array, target: Uint8Array<ArrayBuffer>): void {
  const write = new Int32Array(target.buffer);
  for (const [row, value] of source.entries()) write.fill(value < 0 ? -1 : 0, row * 4, row * 4 + 4)[row * 4] = value;
}

function decimals(native: Native, { storage }: NativeType): VectorReader {
  const bytes = width(storage);
  if (bytes === 16) return fixed(native, 16);
  if (bytes === 8) return converted(native, 8, 16, widen);
  const View = bytes === 2 ? Int16Array : Int32Array;
  return converted(native, bytes, 16, (source, target) => widenSmall(new View(source.buffer), target));
}

const nanosPerMicro = 1000n;

function toMonthDayNano(...[source, target, count, valid]: Parameters<Fixed>): void {
  target.set(source);
  const words = new BigInt64Array(target.buffer);
  for (let row = 0; row < count; row++) {
    if (!valid(row)) continue;
    const nanos = words[row * 2 + 1]! * nanosPerMicro;
    if (nanos !== BigInt.asIntN(64, nanos))
      throw new RangeError(
        "an INTERVAL is longer than Arrow's 292 years of nanoseconds; cast it in the query, as in `x::varchar`",
      );
    words[row * 2 + 1] = nanos;
  }
}

function booleans(native: Native): VectorReader {
  const bytes = fixed(native, 1);
  return {
    append: bytes.append,
    finish() {
      const data = bytes.finish();
      const bits = new Uint8Array((data.length + 7) >> 3);
      for (const [row, value] of data.values!.entries()) if (value === 1) bits[row >> 3]! |= 1 << (row & 7);
      return { ...data, values: bits };
    },
  };
}

function strings(native: Native): VectorReader {
  const texts = new NativeStrings(native.copyMemory);
  return {
    append(vector, start, count, outer) {
      texts.append(
        native.library.vector_get_data(vector),
        validityBits(native, vector, start + count, outer),
        start,
        count,
      );
    },
    finish: () => texts.finish(),
  };
}

/** Writes each value that is not null as text. */
function toText(data: ColumnData, format: (row: number) => string): ColumnData {
  const encoder = new TextEncoder();
  const values = new ByteSink();
  const offsets = new Int32Array(data.length + 1);
  for (let row = 0; row < data.length; row++) {
    if (isValid(data.validity, row)) {
      const text = encoder.encode(format(row));
      const at = values.extend(text.length);
      values.bytes.set(text, at);
    }
    offsets[row + 1] = values.length;
  }
  return { ...data, values: values.finish(), offsets: new Uint8Array(offsets.buffer) };
}

function formattedStrings(native: Native, format: (bytes: Uint8Array) => string): VectorReader {
  const bytes = strings(native);
  return {
    append: bytes.append,
    finish() {
      const data = bytes.finish();
      const offsets = new Int32Array(data.offsets!.buffer as ArrayBuffer);
      return toText(data, (row) => format(data.values!.subarray(offsets[row], offsets[row + 1])));
    },
  };
}

function formattedFixed(
  native: Native,
  bytes: number,
  format: (words: BigUint64Array, row: number) => string,
): VectorReader {
  const raw = fixed(native, bytes);
  return {
    append: raw.append,
    finish() {
      const data = raw.finish();
      const words = new BigUint64Array(data.values!.buffer as ArrayBuffer);
      return toText(data, (row) => format(words, row));
    },
  };
}

/** Lists and maps: per row a 64-bit offset and length into the child vector; a map's child is a struct of key and value. */
function lists(native: Native, type: NativeType): VectorReader {
  const child = type.id === typeId.map ? structs(native, type) : createReader(native, type.children[0]!);
  const validity = new Validity();
  const offsets = new ByteSink();
  let end = 0;
  return {
    append(vector, start, count, outer) {
      const bits = validityBits(native, vector, start + count, outer);
      validity.append(bits, start, count);
      const entries = new BigUint64Array(count * 2);
      const bytes = new Uint8Array(entries.buffer);
      native.copyMemory(bytes, native.library.vector_get_data(vector) + BigInt(start * 16), bytes.length);
      const items = native.library.list_vector_get_child(vector);
      const at = offsets.extend((count + (offsets.length === 0 ? 1 : 0)) * 4);
      if (at === 0) end = 0;
      const ends = new Int32Array(offsets.bytes.buffer, 0, offsets.length / 4);
      if (at === 0) ends[0] = 0;
      const first = ends.length - count;
      // Neighbours in the child vector are appended together.
      let run = { start: 0, end: 0 };
      const flush = (): void => {
        if (run.end > run.start) child.append(items, run.start, run.end - run.start);
      };
      for (let row = 0; row < count; row++) {
        const length = isValid(bits, start + row) ? Number(entries[row * 2 + 1]) : 0;
        if (length > 0) {
          const begin = Number(entries[row * 2]);
          if (begin === run.end) run.end += length;
          else {
            flush();
            run = { start: begin, end: begin + length };
          }
        }
        end += length;
        ends[first + row] = end;
      }
      flush();
    },
    finish() {
      if (offsets.length === 0) offsets.bytes.fill(0, offsets.extend(4), 4);
      return { ...validity.finish(), offsets: offsets.finish(), children: [child.finish()] };
    },
  };
}

function arrays(native: Native, type: NativeType): VectorReader {
  const child = createReader(native, type.children[0]!);
  const size = type.arrow.kind === "fixedList" ? type.arrow.size : 0;
  const validity = new Validity();
  return {
    append(vector, start, count, outer) {
      const end = start + count;
      const bits = validityBits(native, vector, end, outer);
      validity.append(bits, start, count);
      child.append(
        native.library.array_vector_get_child(vector),
        start * size,
        count * size,
        repeatBits(bits, size, end),
      );
    },
    finish: () => ({ ...validity.finish(), children: [child.finish()] }),
  };
}

function structs(native: Native, type: NativeType): VectorReader {
  const children = type.children.map((child) => createReader(native, child));
  const validity = new Validity();
  return {
    append(vector, start, count, outer) {
      const bits = validityBits(native, vector, start + count, outer);
      validity.append(bits, start, count);
      for (const [i, child] of children.entries())
        child.append(native.library.struct_vector_get_child(vector, i), start, count, bits);
    },
    finish: () => ({ ...validity.finish(), children: children.map((child) => child.finish()) }),
  };
}

/** DuckDB keeps a union as a struct of tag and members: Arrow's sparse union. Arrow's has no nulls of its own: a NULL is a null of the first member. */
function unions(native: Native, type: NativeType): VectorReader {
  const tags = fixed(native, 1);
  const members = type.children.map((child) => createReader(native, child));
  return {
    append(vector, start, count, outer) {
      const bits = validityBits(native, vector, start + count, outer);
      tags.append(native.library.struct_vector_get_child(vector, 0), start, count, bits);
      for (const [i, member] of members.entries())
        member.append(native.library.struct_vector_get_child(vector, i + 1), start, count, bits);
    },
    finish() {
      const { length, validity, values } = tags.finish();
      const typeIds = values!.map((tag, row) => (isValid(validity, row) ? tag : 0));
      return { length, nullCount: 0, typeIds, children: members.map((member) => member.finish()) };
    },
  };
}
