const smallest = 256;

/** Words of 32 bits that grow in number; `finish` gives them in an ArrayBuffer of their exact size and starts anew. */
export class WordSink {
  words: Int32Array<ArrayBuffer> = new Int32Array(smallest);
  length = 0;

  /** Makes room for `count` more words, counts them as written and returns where they begin. */
  extend(count: number): number {
    const start = this.length;
    const length = start + count;
    if (length > this.words.length) this.grow(length);
    this.length = length;
    return start;
  }

  finish(): Uint8Array<ArrayBuffer> {
    const { words, length } = this;
    this.words = new Int32Array(Math.max(smallest, length));
    this.length = 0;
    const bytes = length * Int32Array.BYTES_PER_ELEMENT;
    return new Uint8Array(words.length === length ? words.buffer : words.buffer.transfer(bytes));
  }

  private grow(length: number): void {
    const capacity = Math.max(length, this.words.length * 2);
    this.words = new Int32Array(this.words.buffer.transfer(capacity * Int32Array.BYTES_PER_ELEMENT));
  }
}
