import type { ColumnData, ColumnType } from "../../../columnar/columnar.ts";
import { ByteSink } from "../../../columnar/byte-sink.ts";
import { Validity } from "../../../columnar/validity.ts";
import { UnfitValue, type Writer } from "./writer.ts";

/** enum: the number of each label among those of its type. */
export class Enums implements Writer {
  private readonly validity = new Validity();
  private readonly sink = new ByteSink();
  private readonly labels: readonly string[];
  private readonly numbers: ReadonlyMap<string, number>;
  private readonly bits: 8 | 16 | 32;
  private readonly forget: () => void;

  /** `forget` is called when a label comes that was not there when the type was looked up. */
  constructor(labels: readonly string[], forget: () => void) {
    this.labels = labels;
    // As one character per byte, which is the cheapest way to read a value.
    this.numbers = new Map(labels.map((label, i) => [Buffer.from(label).toString("latin1"), i]));
    this.bits = labels.length <= 1 << 8 ? 8 : labels.length <= 1 << 16 ? 16 : 32;
    this.forget = forget;
  }

  write(bytes: Buffer, at: number, length: number): void {
    const number = this.numbers.get(bytes.toString("latin1", at, at + length));
    if (number === undefined) {
      this.forget();
      throw new UnfitValue("an enum has got a new label while it was read; run the query again");
    }
    this.append(number);
    this.validity.appendValid(1);
  }

  writeNull(): void {
    this.append(0);
    this.validity.appendNull();
  }

  type(): ColumnType {
    return { kind: "enum", bits: this.bits, values: this.labels };
  }

  finish(): ColumnData {
    return { ...this.validity.finish(), values: this.sink.finish() };
  }

  private append(number: number): void {
    const width = this.bits / 8;
    const to = this.sink.extend(width);
    for (let i = 0; i < width; i++) this.sink.bytes[to + i] = number >>> (i * 8);
  }
}
