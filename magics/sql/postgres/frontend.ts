/** A value on its way to the server. */
export interface WireValue {
  readonly isBinary: boolean;
  /** Null for SQL's NULL. */
  readonly bytes: Uint8Array | null;
}

/** Builds messages of PostgreSQL's protocol, version 3, behind each other. */
export class Messages {
  private bytes = Buffer.allocUnsafe(512);
  private length = 0;

  /** Prepares the unnamed statement; a type of 0 is left to the server. */
  parse(sql: string, types: readonly number[]): this {
    return this.message("P", () => {
      this.text("");
      this.text(sql);
      this.int16(types.length);
      for (const type of types) this.int32(type);
    });
  }

  /** Asks for the types of the unnamed statement's values and columns. */
  describe(): this {
    return this.message("D", () => {
      this.byte("S");
      this.text("");
    });
  }

  /** Binds values to the unnamed statement; `formats` are those of its columns: 1 is binary. One stands for all. */
  bind(values: readonly WireValue[], formats: readonly number[]): this {
    return this.message("B", () => {
      this.text("");
      this.text("");
      this.int16(values.length);
      for (const { isBinary } of values) this.int16(isBinary ? 1 : 0);
      this.int16(values.length);
      for (const { bytes } of values) {
        this.int32(bytes?.length ?? -1);
        if (bytes) this.raw(bytes);
      }
      this.int16(formats.length);
      for (const format of formats) this.int16(format);
    });
  }

  /** Runs what was bound, until `rows` have come; 0 for all. */
  execute(rows: number): this {
    return this.message("E", () => {
      this.text("");
      this.int32(rows);
    });
  }

  /** Ends what was bound. */
  closePortal(): this {
    return this.message("C", () => {
      this.byte("P");
      this.text("");
    });
  }

  /** Has the server send what it has to say so far. */
  flush(): this {
    return this.message("H", () => {});
  }

  /** Ends the exchange: the server says that it is ready for the next. */
  sync(): this {
    return this.message("S", () => {});
  }

  query(sql: string): this {
    return this.message("Q", () => this.text(sql));
  }

  copyDone(): this {
    return this.message("c", () => {});
  }

  copyFail(reason: string): this {
    return this.message("f", () => this.text(reason));
  }

  terminate(): this {
    return this.message("X", () => {});
  }

  finish(): Buffer {
    return this.bytes.subarray(0, this.length);
  }

  private message(type: string, content: () => void): this {
    this.byte(type);
    const start = this.length;
    this.int32(0);
    content();
    this.bytes.writeInt32BE(this.length - start, start);
    return this;
  }

  private extend(count: number): number {
    const start = this.length;
    this.length += count;
    if (this.length > this.bytes.length) {
      const grown = Buffer.allocUnsafe(Math.max(this.length, this.bytes.length * 2));
      this.bytes.copy(grown);
      this.bytes = grown;
    }
    return start;
  }

  private byte(character: string): void {
    const at = this.extend(1);
    this.bytes[at] = character.charCodeAt(0);
  }

  private int16(value: number): void {
    const at = this.extend(2);
    this.bytes.writeUInt16BE(value, at);
  }

  private int32(value: number): void {
    const at = this.extend(4);
    // A type's number is unsigned, a length may be -1.
    this.bytes.writeInt32BE(value | 0, at);
  }

  private raw(bytes: Uint8Array): void {
    const at = this.extend(bytes.length);
    this.bytes.set(bytes, at);
  }

  private text(text: string): void {
    const at = this.extend(Buffer.byteLength(text) + 1);
    const end = at + this.bytes.write(text, at);
    this.bytes[end] = 0;
  }
}
