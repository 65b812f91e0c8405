import type { ColumnData, ColumnType } from "../../../columnar/columnar.ts";
import { Validity } from "../../../columnar/validity.ts";
import { WordSink } from "./word-sink.ts";
import { readInt32, UnfitValue, type Writer } from "./writer.ts";

/** A part of a nested type. */
export interface Member {
  readonly name: string;
  readonly writer: Writer;
}

/** Offsets and validity of a list; what is in it is written by others. */
class Level {
  readonly validity = new Validity();
  private readonly offsets = new WordSink();
  private length = 0;

  constructor() {
    this.offsets.words[this.offsets.extend(1)] = 0;
  }

  /** Appends a list of so many items. */
  append(count: number): void {
    this.length += count;
    const to = this.offsets.extend(1);
    this.offsets.words[to] = this.length;
  }

  finish(child: ColumnData): ColumnData {
    const offsets = this.offsets.finish();
    this.length = 0;
    this.offsets.words[this.offsets.extend(1)] = 0;
    return { ...this.validity.finish(), offsets, children: [child] };
  }
}

/** Arrays: lists, in lists where they have more dimensions. Their first one that is not empty says how many. */
export class Arrays implements Writer {
  private readonly levels: Level[] = [new Level()];
  private readonly item: Writer;
  private dimensions = 0;

  constructor(item: Writer) {
    this.item = item;
  }

  write(bytes: Buffer, at: number): void {
    const dimensions = readInt32(bytes, at);
    const { levels } = this;
    if (dimensions === 0) {
      levels[0]!.append(0);
      levels[0]!.validity.appendValid(1);
      return;
    }
    if (this.dimensions === 0) {
      this.dimensions = dimensions;
      while (levels.length < dimensions) levels.push(new Level());
    } else if (this.dimensions !== dimensions)
      throw new UnfitValue(
        `an array has ${dimensions} ${dimensions === 1 ? "dimension" : "dimensions"} and one before it ${this.dimensions}; cast the column in the query, as in x::text or to_json(x)`,
      );
    // Number of dimensions, whether there are nulls, type of the items; then length and first index of each dimension.
    let lists = 1;
    for (const [depth, level] of levels.entries()) {
      const size = readInt32(bytes, at + 12 + depth * 8);
      for (let i = 0; i < lists; i++) level.append(size);
      level.validity.appendValid(lists);
      lists *= size;
    }
    writeItems(this.item, bytes, at + 12 + dimensions * 8, lists);
  }

  writeNull(): void {
    this.levels[0]!.append(0);
    this.levels[0]!.validity.appendNull();
  }

  type(): ColumnType {
    return this.levels.reduceRight<ColumnType>(
      (type) => ({ kind: "list", child: { name: "item", type } }),
      this.item.type(),
    );
  }

  finish(): ColumnData {
    return this.levels.reduceRight((child, level) => level.finish(child), this.item.finish());
  }
}

function writeItems(writer: Writer, bytes: Buffer, start: number, count: number): void {
  let at = start;
  for (let i = 0; i < count; i++) at = writeItem(writer, bytes, at);
}

/** Writes a value that stands behind its length; returns where it ends. */
function writeItem(writer: Writer, bytes: Buffer, at: number): number {
  const length = readInt32(bytes, at);
  if (length < 0) {
    writer.writeNull();
    return at + 4;
  }
  writer.write(bytes, at + 4, length);
  return at + 4 + length;
}

/** Common to what becomes a struct. */
abstract class Structs implements Writer {
  protected readonly validity: Validity = new Validity();
  protected abstract readonly members: readonly Member[];

  abstract write(bytes: Buffer, at: number, length: number): void;

  writeNull(): void {
    for (const { writer } of this.members) writer.writeNull();
    this.validity.appendNull();
  }

  type(): ColumnType {
    return { kind: "struct", children: this.members.map(({ name, writer }) => ({ name, type: writer.type() })) };
  }

  finish(): ColumnData {
    return { ...this.validity.finish(), children: this.members.map(({ writer }) => writer.finish()) };
  }
}

/** Composite types: number of members; then type, length and value of each. */
export class Composites extends Structs {
  protected readonly members: readonly Member[];

  constructor(members: readonly Member[]) {
    super();
    this.members = members;
  }

  write(bytes: Buffer, start: number): void {
    let at = start + 4;
    for (const { writer } of this.members) at = writeItem(writer, bytes, at + 4);
    this.validity.appendValid(1);
  }
}

/** Rows without a declared type, as of `row(1, 'a')`: the first one says which members there are. */
export class Records extends Structs {
  protected members: Member[] = [];
  private types: readonly number[] | undefined;
  private nullsBefore = 0;
  private readonly writerOf: (type: number) => Writer;

  constructor(writerOf: (type: number) => Writer) {
    super();
    this.writerOf = writerOf;
  }

  write(bytes: Buffer, start: number): void {
    const count = readInt32(bytes, start);
    let at = start + 4;
    const { types } = this;
    if (types && types.length !== count) throw new UnfitValue(unlike);
    const found: number[] = [];
    for (let i = 0; i < count; i++) {
      const type = readInt32(bytes, at) >>> 0;
      found.push(type);
      if (types === undefined) this.add(i, type);
      else if (types[i] !== type) throw new UnfitValue(unlike);
      at = writeItem(this.members[i]!.writer, bytes, at + 4);
    }
    this.types ??= found;
    this.validity.appendValid(1);
  }

  override writeNull(): void {
    if (this.types === undefined) this.nullsBefore++;
    super.writeNull();
  }

  private add(i: number, type: number): void {
    const writer = this.writerOf(type);
    for (let row = 0; row < this.nullsBefore; row++) writer.writeNull();
    this.members.push({ name: `f${i + 1}`, writer });
  }
}

const unlike = "a record has other columns than one before it; cast it in the query, as in to_json(x) or x::text";

/** Bits of a range's first byte. */
const flags = { empty: 1, lowerIncluded: 2, upperIncluded: 4, noLower: 8, noUpper: 16 };

/** Ranges, as structs; their parts have the names of PostgreSQL's functions. */
export class Ranges extends Structs {
  protected readonly members: readonly Member[];
  private readonly marks: readonly Writer[];
  private readonly lower: Writer;
  private readonly upper: Writer;

  constructor(lower: Writer, upper: Writer, bits: () => Writer) {
    super();
    this.lower = lower;
    this.upper = upper;
    this.marks = [bits(), bits(), bits()];
    this.members = [
      { name: "lower", writer: lower },
      { name: "upper", writer: upper },
      { name: "lower_inc", writer: this.marks[0]! },
      { name: "upper_inc", writer: this.marks[1]! },
      { name: "isempty", writer: this.marks[2]! },
    ];
  }

  write(bytes: Buffer, start: number): void {
    const mark = bytes[start]!;
    let at = start + 1;
    const isEmpty = (mark & flags.empty) !== 0;
    if (isEmpty || (mark & flags.noLower) !== 0) this.lower.writeNull();
    else at = writeItem(this.lower, bytes, at);
    if (isEmpty || (mark & flags.noUpper) !== 0) this.upper.writeNull();
    else writeItem(this.upper, bytes, at);
    for (const [i, flag] of [flags.lowerIncluded, flags.upperIncluded, flags.empty].entries())
      this.marks[i]!.write((mark & flag) === 0 ? no : yes, 0, 1);
    this.validity.appendValid(1);
  }
}

const no = Buffer.from([0]);
const yes = Buffer.from([1]);

/** Multiranges: number of ranges; then length and value of each. */
export class Multiranges implements Writer {
  private readonly level = new Level();
  private readonly range: Writer;

  constructor(range: Writer) {
    this.range = range;
  }

  write(bytes: Buffer, at: number): void {
    const count = readInt32(bytes, at);
    this.level.append(count);
    this.level.validity.appendValid(1);
    writeItems(this.range, bytes, at + 4, count);
  }

  writeNull(): void {
    this.level.append(0);
    this.level.validity.appendNull();
  }

  type(): ColumnType {
    return { kind: "list", child: { name: "item", type: this.range.type() } };
  }

  finish(): ColumnData {
    return this.level.finish(this.range.finish());
  }
}

/** point: two numbers. */
export class Points extends Structs {
  protected readonly members: readonly Member[];

  constructor(x: Writer, y: Writer) {
    super();
    this.members = [
      { name: "x", writer: x },
      { name: "y", writer: y },
    ];
  }

  write(bytes: Buffer, at: number): void {
    for (const [i, { writer }] of this.members.entries()) writer.write(bytes, at + i * 8, 8);
    this.validity.appendValid(1);
  }
}
