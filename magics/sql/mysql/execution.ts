import type { Batch, Column } from "../../columnar/columnar.ts";
import { type ServerColumn, columnType, isEnum, originOf, readColumn } from "./column.ts";
import { createReader } from "./readers.ts";
import type { ValueReader } from "./value-reader.ts";
import {
  type ServerPacket,
  type WireConnection,
  ByteReader,
  endStatus,
  exchange,
  hasExtension,
  isEnd,
  moreResultsFlag,
  readDone,
} from "./wire.ts";

/** Rows of the first batch, which is to be there soon, and of the others. */
const firstRows = 2_048;
const batchRows = 32_768;
/** A batch ends at so many bytes of texts in one column. */
const batchBytes = 32 * 1024 * 1024;
/** Batches that may wait for the reader before the connection is paused. */
const mostWaiting = 2;

/** How a statement goes. */
export interface Execution {
  /** Resolves when it is known what the statement gives; rejects with what the server says. */
  readonly started: Promise<Head>;
  /** Resolves when the server has sent everything; never rejects. */
  readonly ended: Promise<void>;
  readonly isEnded: boolean;
  /** Status flags of the session, as the last packet had them. */
  readonly status: number;
  readonly rows: number;
  notices(): readonly string[];
  /** Gives the next batch; undefined at the end. */
  next(): Promise<Batch | undefined>;
  /** Reads on without keeping the rows. */
  discard(): void;
}

/** What a statement gives. */
export interface Head {
  readonly columns: readonly Column[];
  /** The columns as the server describes them. */
  readonly described: readonly ServerColumn[];
  /** Rows that it changed, where it gives no rows itself. */
  readonly affectedRows: number | undefined;
}

/** Values of the enums that a result may show, by `originOf`: its columns may be others than when it was prepared. */
export type EnumValues = ReadonlyMap<string, readonly string[]>;

/** Sends a message that runs a statement and decodes its rows. */
export function execute(
  connection: WireConnection,
  message: Buffer,
  form: "binary" | "text",
  enums: EnumValues,
): Execution {
  const started = Promise.withResolvers<Head>();
  const { promise: ended, resolve: end } = Promise.withResolvers<void>();
  const described: ServerColumn[] = [];
  const waiting: Batch[] = [];
  let readers: readonly ValueReader[] = [];
  let expected = 0;
  let state: "head" | "columns" | "rows" | "skip" = "head";
  let results = 0;
  let status = 0;
  let rows = 0;
  let length = 0;
  let discards = false;
  let isEnded = false;
  let failure: unknown;
  let wake: (() => void) | undefined;
  let isPaused = false;

  const resume = (): void => {
    if (!isPaused) return;
    isPaused = false;
    connection.resume();
  };

  const tell = (): void => {
    wake?.();
    wake = undefined;
  };

  const resolveHead = (affectedRows?: number): void => {
    const columns = described.map(({ name }, i) => ({ name, type: readers[i]!.type }));
    started.resolve({ columns, described, affectedRows });
  };

  /** Ends a batch. The first one tells which types the columns have after all. */
  const flush = (): void => {
    if (length > 0) waiting.push({ length, columns: readers.map((reader) => reader.finish()) });
    length = 0;
    resolveHead();
    tell();
  };

  const takeRow = (packet: ServerPacket): void => {
    if (discards) return;
    rows++;
    length++;
    if (form === "binary") readBinaryRow(packet, readers);
    else readTextRow(packet, readers);
    const isFull =
      length >= (rows === length ? firstRows : batchRows) || ((length & 63) === 0 && readers.some(isLarge));
    if (!isFull) return;
    flush();
    if (waiting.length < mostWaiting) return;
    isPaused = true;
    connection.pause();
  };

  /** What is wrong with a value is known only here; the rest of the result is read away. */
  const guard = (work: () => void): void => {
    try {
      work();
    } catch (error) {
      failure = error;
      discards = true;
      started.reject(error);
      tell();
    }
  };

  const take = (packet: ServerPacket): boolean => {
    const { buffer, offset } = packet;
    if (state === "head") {
      if (buffer[offset] === 0x00) {
        const done = readDone(packet);
        ({ status } = done);
        // After the rows of a procedure, this is its own end.
        if (results === 0) started.resolve({ columns: [], described, affectedRows: done.affectedRows });
        return (status & moreResultsFlag) === 0;
      }
      expected = new ByteReader(buffer, offset).length();
      results++;
      state = results === 1 ? "columns" : "skip";
      return false;
    }
    if (state === "columns") {
      if (!isEnd(packet)) {
        described.push(readColumn(packet, hasExtension(connection)));
        return false;
      }
      readers = described.map((column) => {
        const values = isEnum(column) ? enums.get(originOf(column)) : undefined;
        return createReader(column, columnType(column, values));
      });
      // A column of times waits for its first rows to know its type.
      if (!described.some(isTime)) resolveHead();
      state = "rows";
      return false;
    }
    if (!isEnd(packet)) {
      if (state === "rows") guard(() => takeRow(packet));
      return false;
    }
    // Of a result that is left out, the first such packet ends its columns.
    if (state === "skip" && expected > 0) {
      expected = 0;
      return false;
    }
    status = endStatus(packet);
    if (state === "rows" && !discards) guard(flush);
    state = "head";
    return (status & moreResultsFlag) === 0;
  };

  exchange(connection, message, take)
    .catch((error: unknown) => {
      failure ??= error;
      started.reject(error);
    })
    .finally(() => {
      isEnded = true;
      tell();
      end();
    });
  // It is told to whoever waits for the start, or for the next batch.
  started.promise.catch(() => {});

  return {
    started: started.promise,
    ended,
    get isEnded() {
      return isEnded;
    },
    get status() {
      return status;
    },
    get rows() {
      return rows;
    },
    notices() {
      const left = results > 1 ? [`${results - 1} more results of the procedure were left out`] : [];
      return [...readers.flatMap(({ notice }) => (notice === undefined ? [] : [notice])), ...left];
    },
    async next() {
      for (;;) {
        const batch = waiting.shift();
        if (batch) {
          resume();
          return batch;
        }
        if (failure !== undefined) throw failure;
        if (isEnded) return undefined;
        const { promise, resolve } = Promise.withResolvers<void>();
        wake = resolve;
        resume();
        await promise;
      }
    },
    discard() {
      discards = true;
      waiting.length = 0;
      resume();
    },
  };
}

function isTime(column: ServerColumn): boolean {
  return columnType(column, undefined).kind === "time";
}

function isLarge({ byteLength = 0 }: ValueReader): boolean {
  return byteLength >= batchBytes;
}

/** A row of a prepared statement: a byte, a bit for each null after two that mean nothing, then the values. */
function readBinaryRow({ buffer, offset }: ServerPacket, readers: readonly ValueReader[]): void {
  const nulls = offset + 1;
  let at = nulls + ((readers.length + 9) >> 3);
  for (let i = 0; i < readers.length; i++) {
    const bit = i + 2;
    if ((buffer[nulls + (bit >> 3)]! & (1 << (bit & 7))) === 0) at = readers[i]!.binary(buffer, at);
    else readers[i]!.null();
  }
}

/** A row of a text: each value with its length before it. */
function readTextRow({ buffer, offset }: ServerPacket, readers: readonly ValueReader[]): void {
  const at = new ByteReader(buffer, offset);
  for (const reader of readers) {
    if (buffer[at.at] === 0xfb) {
      at.at++;
      reader.null();
      continue;
    }
    const size = at.length();
    reader.text(buffer, at.at, at.at + size);
    at.at += size;
  }
}
