const smallest = 1024;

/** A buffer that grows; `finish` gives the bytes in an ArrayBuffer of their exact size and starts anew with as much room. */
export class ByteSink {
  bytes: Uint8Array<ArrayBuffer>;
  length = 0;

  constructor(capacity: number = smallest) {
    this.bytes = new Uint8Array(capacity);
  }

  /** Makes room for `count` more bytes, counts them as written and returns where they begin. */
  extend(count: number): number {
    const start = this.length;
    this.length += count;
    if (this.length > this.bytes.length) {
      const capacity = Math.max(this.length, this.bytes.length * 2);
      this.bytes = new Uint8Array(this.bytes.buffer.transfer(capacity));
    }
    return start;
  }

  finish(): Uint8Array<ArrayBuffer> {
    const { bytes, length } = this;
    // Not filled with zeros: every byte is written before it is counted.
    this.bytes = new Uint8Array(Buffer.allocUnsafeSlow(Math.max(smallest, length)).buffer);
    this.length = 0;
    return bytes.length === length ? bytes : new Uint8Array(bytes.buffer.transfer(length));
  }
}
