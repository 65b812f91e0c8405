const capacity = 1 << 18;
/** A CopyData message's type and length, which are known when it is sent. */
const headerBytes = 5;
const copyData = "d".charCodeAt(0);

/** Collects rows for COPY into messages. */
export class CopyBuffer {
  bytes: Buffer = Buffer.allocUnsafeSlow(capacity);
  length: number = headerBytes;

  /** True where it is time to send. */
  get isFull(): boolean {
    return this.length >= capacity - (capacity >> 2);
  }

  /** Makes room for `count` bytes, counts them as written and returns where they begin. */
  extend(count: number): number {
    const start = this.length;
    this.length += count;
    if (this.length > this.bytes.length) {
      const grown = Buffer.allocUnsafeSlow(Math.max(this.length, this.bytes.length * 2));
      this.bytes.copy(grown, 0, 0, start);
      this.bytes = grown;
    }
    return start;
  }

  int16(value: number): void {
    const at = this.extend(2);
    this.bytes[at] = value >> 8;
    this.bytes[at + 1] = value;
  }

  int32(value: number): void {
    const at = this.extend(4);
    this.put32(at, value);
  }

  /** Writes 32 bits, big end first, to where there is room. */
  put32(at: number, value: number): void {
    const { bytes } = this;
    bytes[at] = value >>> 24;
    bytes[at + 1] = value >>> 16;
    bytes[at + 2] = value >>> 8;
    bytes[at + 3] = value;
  }

  text(text: string): void {
    const at = this.extend(Buffer.byteLength(text));
    this.bytes.write(text, at);
  }

  /** Gives the message and begins anew; undefined where nothing was written. */
  finish(): Buffer | undefined {
    const { bytes, length } = this;
    if (length === headerBytes) return undefined;
    bytes[0] = copyData;
    bytes.writeInt32BE(length - 1, 1);
    // The socket keeps it until it is sent.
    this.bytes = Buffer.allocUnsafeSlow(capacity);
    this.length = headerBytes;
    return bytes.subarray(0, length);
  }
}
