import { ByteSink } from "../../columnar/byte-sink.ts";
import { bindableToJson, isBytes, isDate } from "../bindable-json.ts";
import { type Bindable, SqlFailure } from "../engine.ts";
import { typeCode } from "./column.ts";
import { headerSize } from "./wire.ts";

const commands = { query: 0x03, prepare: 0x16, execute: 0x17, close: 0x19 } as const;

/** Most digits of a decimal. */
const mostDigits = 65;

/** The message that runs a text. */
export function queryMessage(sql: string): Buffer {
  return textMessage(commands.query, sql);
}

/** The message that prepares a text. */
export function prepareMessage(sql: string): Buffer {
  return textMessage(commands.prepare, sql);
}

function textMessage(command: number, sql: string): Buffer {
  const message = Buffer.allocUnsafe(headerSize + 1 + Buffer.byteLength(sql));
  message[headerSize] = command;
  message.write(sql, headerSize + 1);
  return message;
}

/** The message that forgets a prepared statement; it has no answer. */
export function closeMessage(statement: number): Buffer {
  const message = Buffer.alloc(headerSize + 5);
  message[headerSize] = commands.close;
  message.writeUInt32LE(statement, headerSize + 1);
  return message;
}

/** The message that runs a prepared statement. */
export function executeMessage(statement: number, values: readonly Bindable[]): Buffer {
  const message = new ExecuteMessage(statement, values.length);
  for (const [i, value] of values.entries()) message.put(value, i);
  return message.finish();
}

/** Writes the message that runs a prepared statement, value by value. */
export class ExecuteMessage {
  private readonly sink = new ByteSink();
  private readonly nullsAt: number;
  private readonly typesAt: number;
  private memory = new DataView(new ArrayBuffer(0));

  constructor(statement: number, count: number) {
    const { sink } = this;
    this.nullsAt = headerSize + 10;
    this.typesAt = this.nullsAt + ((count + 7) >> 3) + 1;
    const size = count === 0 ? this.nullsAt : this.typesAt + 2 * count;
    sink.extend(size);
    sink.bytes.fill(0, 0, size);
    const head = Buffer.from(sink.bytes.buffer);
    head[headerSize] = commands.execute;
    head.writeUInt32LE(statement, headerSize + 1);
    head.writeUInt32LE(1, headerSize + 6); // iterations, always one
    if (count > 0) head[this.typesAt - 1] = 1; // types follow
  }

  /** Bytes so far. */
  get length(): number {
    return this.sink.length;
  }

  put(value: Bindable, index: number): void {
    if (value === null) return this.putNull(index);
    if (typeof value === "string") return this.putText(value, index);
    if (typeof value === "boolean") return this.putNumber(value ? 1 : 0, index);
    if (typeof value === "number") return this.putNumber(value, index);
    if (typeof value === "bigint") return this.putBig(value, index);
    if (isBytes(value)) return this.putBytes(value, index);
    if (isDate(value)) return this.putDate(value, index);
    return this.putText(bindableToJson(value), index);
  }

  putNull(index: number): void {
    this.sink.bytes[this.nullsAt + (index >> 3)]! |= 1 << (index & 7);
    this.type(index, typeCode.null);
  }

  putNumber(value: number, index: number): void {
    const isWhole = Number.isSafeInteger(value) && !Object.is(value, -0);
    if (!isWhole && !Number.isFinite(value))
      throw new SqlFailure("NumberOutOfRange", `value ${index + 1} is ${value}, and MySQL has no such number`, {
        hint: "Bind null instead",
      });
    this.type(index, isWhole ? typeCode.longLong : typeCode.double);
    const at = this.sink.extend(8);
    const view = this.view();
    if (!isWhole) return view.setFloat64(at, value, true);
    view.setInt32(at, value | 0, true);
    view.setInt32(at + 4, Math.floor(value / 0x1_0000_0000), true);
  }

  putBig(value: bigint, index: number): void {
    const isSigned = BigInt.asIntN(64, value) === value;
    if (!isSigned && BigInt.asUintN(64, value) !== value) return this.putDecimal(String(value), index);
    this.type(index, typeCode.longLong, !isSigned);
    const at = this.sink.extend(8);
    this.view().setBigInt64(at, value, true);
  }

  /** Takes a decimal as text. */
  putDecimal(text: string, index: number): void {
    if (text.replace(/^-|\./g, "").length > mostDigits)
      throw new SqlFailure("NumberOutOfRange", `value ${index + 1} has more than the ${mostDigits} digits of MySQL`, {
        hint: "Bind its text, as in ${String(x)}",
      });
    this.putText(text, index);
    this.type(index, typeCode.newDecimal);
  }

  putText(text: string, index: number): void {
    this.type(index, typeCode.varString);
    const size = Buffer.byteLength(text);
    this.putLength(size);
    const at = this.sink.extend(size);
    encoder.encodeInto(text, this.sink.bytes.subarray(at));
  }

  putBytes(bytes: Uint8Array, index: number, type: number = typeCode.blob): void {
    this.type(index, type);
    this.putLength(bytes.length);
    const at = this.sink.extend(bytes.length);
    this.sink.bytes.set(bytes, at);
  }

  putDate(date: Date, index: number): void {
    const year = date.getUTCFullYear();
    if (year < 0 || year > 9999)
      throw new SqlFailure("DateOutOfRange", `value ${index + 1} is of the year ${year}, and MySQL's end with 9999`);
    this.type(index, typeCode.datetime);
    const at = this.sink.extend(12);
    const view = new DataView(this.sink.bytes.buffer, at);
    view.setUint8(0, 11);
    view.setUint16(1, year, true);
    const parts = [date.getUTCMonth() + 1, date.getUTCDate(), date.getUTCHours(), date.getUTCMinutes()];
    for (const [i, part] of [...parts, date.getUTCSeconds()].entries()) view.setUint8(3 + i, part);
    view.setUint32(8, date.getUTCMilliseconds() * 1000, true);
  }

  /** Gives the message, in memory of its own. */
  finish(): Buffer {
    return Buffer.from(this.sink.finish().buffer);
  }

  /** The memory as it is now: it moves when it grows. */
  private view(): DataView {
    const { buffer } = this.sink.bytes;
    if (this.memory.buffer !== buffer) this.memory = new DataView(buffer);
    return this.memory;
  }

  private type(index: number, code: number, isUnsigned = false): void {
    const at = this.typesAt + 2 * index;
    this.sink.bytes[at] = code;
    this.sink.bytes[at + 1] = isUnsigned ? 0x80 : 0;
  }

  private putLength(size: number): void {
    const { sink } = this;
    const head = size < 0xfb ? [size] : size < 0x1_0000 ? [0xfc] : size < 0x100_0000 ? [0xfd] : [0xfe];
    const extra = size < 0xfb ? 0 : size < 0x1_0000 ? 2 : size < 0x100_0000 ? 3 : 8;
    const at = sink.extend(1 + extra);
    sink.bytes[at] = head[0]!;
    for (let i = 0, rest = size; i < extra; i++, rest = Math.floor(rest / 256)) sink.bytes[at + 1 + i] = rest & 0xff;
  }
}

const encoder = new TextEncoder();
