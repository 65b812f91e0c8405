/** Types of the server's messages. */
export const says = {
  authentication: 0x52, // R
  bindComplete: 0x32, // 2
  closeComplete: 0x33, // 3
  commandComplete: 0x43, // C
  copyBoth: 0x57, // W
  copyData: 0x64, // d
  copyDone: 0x63, // c
  copyIn: 0x47, // G
  copyOut: 0x48, // H
  dataRow: 0x44, // D
  emptyQuery: 0x49, // I
  error: 0x45, // E
  noData: 0x6e, // n
  notice: 0x4e, // N
  notification: 0x41, // A
  parameterDescription: 0x74, // t
  parameterStatus: 0x53, // S
  parseComplete: 0x31, // 1
  portalSuspended: 0x73, // s
  ready: 0x5a, // Z
  rowDescription: 0x54, // T
} as const;

/** A column as the server describes it. */
export interface FieldDescription {
  readonly name: string;
  /** Number of its type. */
  readonly type: number;
  /** What its type says more, as a numeric's precision; -1 where nothing. */
  readonly modifier: number;
}

/** Reads a RowDescription. */
export function readFields(bytes: Buffer, start: number): FieldDescription[] {
  let at = start + 2;
  return Array.from({ length: bytes.readUInt16BE(start) }, () => {
    const end = bytes.indexOf(0, at);
    const name = bytes.toString("utf8", at, end);
    const field = { name, type: bytes.readUInt32BE(end + 7), modifier: bytes.readInt32BE(end + 13) };
    at = end + 19;
    return field;
  });
}

/** Reads a ParameterDescription: the type of each value. */
export function readParameterTypes(bytes: Buffer, start: number): number[] {
  return Array.from({ length: bytes.readUInt16BE(start) }, (_, i) => bytes.readUInt32BE(start + 2 + i * 4));
}

/** Reads a text that a zero ends. */
export function readText(bytes: Buffer, start: number): string {
  return bytes.toString("utf8", start, bytes.indexOf(0, start));
}

/** Reads the fields of an error or a notice, by their letters. */
export function readNotice(bytes: Buffer, start: number): Readonly<Record<string, string>> {
  const fields: Record<string, string> = {};
  for (let at = start; bytes[at] !== 0;) {
    const text = readText(bytes, at + 1);
    fields[String.fromCharCode(bytes[at]!)] = text;
    at += Buffer.byteLength(text) + 2;
  }
  return fields;
}
