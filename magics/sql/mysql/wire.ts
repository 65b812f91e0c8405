/* oxlint-disable no-underscore-dangle -- names of mysql2 */
import type { Connection, ConnectionOptions } from "mysql2";

// What is used of mysql2 beyond its declarations: its connections bring login, TLS and packets; statements are sent and
// results decoded here, from the packets' bytes into columns, since its own way makes an object per row and loses types.

/** A packet that the server sent; its memory is used again after the call that hands it over. */
export interface ServerPacket {
  readonly buffer: Buffer;
  /** Where the payload begins. */
  readonly offset: number;
  readonly end: number;
  asError(encoding: string): ServerError;
}

/** An error that the server sent. */
export interface ServerError extends Error {
  /** The symbol of the error, as `ER_NO_SUCH_TABLE`; absent for those that mysql2 does not know. */
  readonly code?: string;
  readonly errno: number;
  readonly sqlState?: string;
  readonly sqlMessage?: string;
}

/** What takes the answers to one message. */
interface Command {
  /** Called once without a packet, to begin, then with each one; tells whether it was the last. */
  execute(packet: ServerPacket | undefined): boolean;
  /** Called when the connection is lost. */
  onResult(error: Error): void;
}

/** A connection of mysql2's. */
export interface WireConnection {
  readonly threadId: number;
  readonly clientEncoding: string;
  readonly stream: { ref(): void; unref(): void };
  readonly _handshakePacket: { readonly serverVersion: string };
  /** The columns of results have a part more, by MariaDB. */
  readonly _mariadbExtendedMetadata: boolean;
  addCommand(command: Command): void;
  writePacket(packet: { buffer: Buffer; length(): number; writeHeader(sequenceId: number): void }): void;
  _resetSequenceId(): void;
  pause(): void;
  resume(): void;
  destroy(): void;
  end(): void;
  on(event: "error" | "end", listener: (error: Error) => void): void;
  once(event: "connect", listener: () => void): void;
  once(event: "error", listener: (error: Error) => void): void;
}

/** Begins to connect. */
export async function beginConnection(options: ConnectionOptions): Promise<WireConnection> {
  const { createConnection } = await import("mysql2");
  const connection: Connection = createConnection(options);
  return connection as unknown as WireConnection;
}

/** What the server calls its version. */
export function serverVersion(connection: WireConnection): string {
  return connection._handshakePacket.serverVersion;
}

/** True where columns are described with a part more. */
export function hasExtension(connection: WireConnection): boolean {
  return connection._mariadbExtendedMetadata;
}

/** A message to the server has four bytes for its header before the payload. */
export const headerSize = 4;

const error = 0xff;

/** Sends a message and hands its answers to `take` until that returns true. Rejects with what the server says against it. */
export function exchange(
  connection: WireConnection,
  message: Buffer,
  take: (packet: ServerPacket) => boolean,
): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  connection.addCommand({
    execute(packet) {
      if (packet === undefined) {
        connection._resetSequenceId();
        connection.writePacket(clientPacket(message));
        return false;
      }
      if (packet.buffer[packet.offset] === error) {
        reject(packet.asError(connection.clientEncoding));
        return true;
      }
      const isLast = take(packet);
      if (isLast) resolve();
      return isLast;
    },
    onResult: reject,
  });
  return promise;
}

/** Sends a message that has no answer. */
export function post(connection: WireConnection, message: Buffer): void {
  connection.addCommand({
    execute() {
      connection._resetSequenceId();
      connection.writePacket(clientPacket(message));
      return true;
    },
    onResult: () => {},
  });
}

function clientPacket(buffer: Buffer): Parameters<WireConnection["writePacket"]>[0] {
  const size = buffer.length - headerSize;
  return {
    buffer,
    length: () => size,
    writeHeader(sequenceId) {
      buffer.writeUIntLE(size, 0, 3);
      buffer[3] = sequenceId;
    },
  };
}

/** Tells the packet that ends columns and rows; a row that begins so is longer. */
export function isEnd({ buffer, offset, end }: ServerPacket): boolean {
  return buffer[offset] === 0xfe && end - offset < 9;
}

/** Reads the status flags of a packet that ends something. */
export function endStatus({ buffer, offset }: ServerPacket): number {
  return buffer.readUInt16LE(offset + 3);
}

/** A transaction is open. */
export const inTransactionFlag = 0x0001;
/** Another result follows this one, as of a procedure. */
export const moreResultsFlag = 0x0008;

/** What the server says when all is well. */
export interface Done {
  readonly affectedRows: number;
  readonly status: number;
  readonly warnings: number;
}

/** Reads a packet that says that a statement without rows is done. */
export function readDone({ buffer, offset }: ServerPacket): Done {
  const reader = new ByteReader(buffer, offset + 1);
  const affectedRows = reader.length();
  reader.length(); // the last id
  return { affectedRows, status: buffer.readUInt16LE(reader.at), warnings: buffer.readUInt16LE(reader.at + 2) };
}

/** Reads numbers of the protocol one after the other. */
export class ByteReader {
  readonly bytes: Buffer;
  at: number;

  constructor(bytes: Buffer, at: number) {
    this.bytes = bytes;
    this.at = at;
  }

  /** A number of one to nine bytes; one above 2^53 would not come here, since it is a length or a count. */
  length(): number {
    const { bytes } = this;
    const first = bytes[this.at++]!;
    if (first < 0xfb) return first;
    const size = first === 0xfc ? 2 : first === 0xfd ? 3 : 8;
    const value = size === 8 ? Number(bytes.readBigUInt64LE(this.at)) : bytes.readUIntLE(this.at, size);
    this.at += size;
    return value;
  }

  text(): string {
    const size = this.length();
    this.at += size;
    return this.bytes.toString("utf8", this.at - size, this.at);
  }
}
