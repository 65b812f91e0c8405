import type { Batch } from "../../columnar/columnar.ts";
import type { CTable } from "../../columnar/c-data.ts";
import type { Bindable } from "../engine.ts";
import { layOutArray, layOutSchema } from "./arrow-scan.ts";
import { loadLibrary, type NativeResult, type Pointer } from "./library.ts";
import { describeType, type NativeType } from "./logical-type.ts";
import { type Calls, closed, type Started } from "./protocol.ts";
import { createValue } from "./values.ts";
import { createReader, type VectorReader } from "./vectors.ts";

/** Calls DuckDB; every call blocks its thread until it is done or interrupted. What comes before the result goes to `emit`. */
export type Engine = {
  [N in keyof Calls]: (params: Calls[N]["params"], emit: (part: Batch) => void) => Calls[N]["result"];
};

interface Cursor {
  readonly connection: number;
  readonly result: NativeResult;
  readonly types: readonly NativeType[];
  readonly readers: readonly VectorReader[];
  /** A chunk that did not fit into the last batch. */
  rest: Pointer | null;
  ended: boolean;
}

/** What DuckDB says of a text that it takes apart into several statements. */
const several = "Cannot prepare multiple statements";

const returnsChanges = 1;
const returnsRows = 3;

/** Makes the engine over one in-memory database. */
export function createEngine(): Engine {
  const native = loadLibrary();
  const { library } = native;
  const cursors = new Map<number, Cursor>();
  const connections = new Map<number, Pointer>();
  let database: Pointer | null = null;
  let lastCursor = 0;
  let lastConnection = 0;

  /** What was closed is never given to DuckDB again: it would read memory that is another's by now. */
  const connectionOf = (id: number): Pointer => {
    const pointer = connections.get(id);
    if (pointer === undefined) throw new Error(closed);
    return pointer;
  };

  const cursorOf = (id: number): Cursor => {
    const cursor = cursors.get(id);
    if (!cursor) throw new Error(closed);
    return cursor;
  };

  /** Calls what prepares a statement. */
  const prepareBy = (call: (out: [Pointer | null]) => number): Pointer => {
    const out: [Pointer | null] = [null];
    if (call(out) === 0) return out[0]!;
    const message = out[0] === null ? "the statement cannot be prepared" : library.prepare_error(out[0]);
    library.destroy_prepare(out);
    throw new Error(message ?? "");
  };

  const prepare = (connection: Pointer, sql: string): Pointer => {
    try {
      return prepareBy((out) => library.prepare(connection, sql, out));
    } catch (error) {
      if ((error as Error).message.includes(several)) return prepareLast(connection, sql);
      throw error;
    }
  };

  /** A `pivot` that looks for its columns is two statements to DuckDB, of which the first makes a type of what it finds. */
  const prepareLast = (connection: Pointer, sql: string): Pointer => {
    const extracted: [Pointer | null] = [null];
    const last = Number(library.extract_statements(connection, sql, extracted)) - 1;
    try {
      const prepareAt = (index: number): Pointer =>
        prepareBy((out) => library.prepare_extracted_statement(connection, extracted[0]!, index, out));
      for (let index = 0; index < last; index++) {
        const statement = prepareAt(index);
        try {
          drain(begin(statement));
        } finally {
          library.destroy_prepare([statement]);
        }
      }
      return prepareAt(last);
    } finally {
      library.destroy_extracted(extracted);
    }
  };

  const bind = (statement: Pointer, values: readonly Bindable[]): void => {
    for (const [i, value] of values.entries()) {
      const made = createValue(library, value);
      const state = library.bind_value(statement, i + 1, made);
      library.destroy_value([made]);
      if (state !== 0) throw new Error(library.prepare_error(statement) ?? `value ${i + 1} cannot be bound`);
    }
  };

  const execute = (connection: Pointer, sql: string, values: readonly Bindable[] = []): NativeResult => {
    const statement = prepare(connection, sql);
    try {
      bind(statement, values);
      return begin(statement);
    } finally {
      library.destroy_prepare([statement]);
    }
  };

  const begin = (statement: Pointer): NativeResult => {
    const result: NativeResult = {};
    if (library.execute_prepared_streaming(statement, result) === 0) return result;
    const message = library.result_error(result) ?? "";
    library.destroy_result(result);
    throw new Error(message);
  };

  const drain = (result: NativeResult): void => {
    for (let chunk = library.fetch_chunk(result); chunk !== null; chunk = library.fetch_chunk(result))
      library.destroy_data_chunk([chunk]);
    const message = library.result_error(result);
    library.destroy_result(result);
    if (message) throw new Error(message);
  };

  /** Runs a statement to its end for what it does. */
  const run = (connection: Pointer, sql: string): void => drain(execute(connection, sql));

  const tryRun = (connection: Pointer, sql: string): void => {
    try {
      run(connection, sql);
    } catch {
      // The error before is the one to show.
    }
  };

  const finish = (id: number): void => {
    const cursor = cursors.get(id);
    if (!cursor) return;
    cursors.delete(id);
    if (cursor.rest !== null) library.destroy_data_chunk([cursor.rest]);
    library.destroy_result(cursor.result);
  };

  const next = (cursor: Cursor): Pointer | null => {
    const { rest } = cursor;
    cursor.rest = null;
    // Asking a stream again after its end is an error.
    if (rest !== null || cursor.ended) return rest;
    const chunk = library.fetch_chunk(cursor.result);
    if (chunk === null) {
      cursor.ended = true;
      const message = library.result_error(cursor.result);
      if (message) throw new Error(message);
    }
    return chunk;
  };

  const fetch = (cursor: Cursor, rows: number): Batch | undefined => {
    let length = 0;
    for (let chunk = next(cursor); chunk !== null; chunk = next(cursor)) {
      const count = library.data_chunk_get_size(chunk);
      if (length > 0 && length + count > rows) {
        cursor.rest = chunk;
        break;
      }
      try {
        for (const [i, reader] of cursor.readers.entries())
          reader.append(library.data_chunk_get_vector(chunk, i), 0, count);
      } finally {
        library.destroy_data_chunk([chunk]);
      }
      length += count;
    }
    return length === 0 ? undefined : { length, columns: cursor.readers.map((reader) => reader.finish()) };
  };

  const disconnect = (id: number): void => {
    const pointer = connections.get(id);
    if (pointer === undefined) return;
    for (const [cursor, { connection }] of cursors) if (connection === id) finish(cursor);
    connections.delete(id);
    library.disconnect([pointer]);
  };

  const start = (connection: number, sql: string, values: readonly Bindable[]): Started => {
    const result = execute(connectionOf(connection), sql, values);
    try {
      const kind = library.result_return_type(result);
      const numbers = Array.from({ length: Number(library.column_count(result)) }, (_, i) => i);
      const types = numbers.map((i) => describeType(library, library.column_logical_type(result, i)));
      const columns = types.map(({ arrow }, i) => ({ name: library.column_name(result, i), type: arrow }));
      const readers = types.map((type) => createReader(native, type));
      const cursor = ++lastCursor;
      cursors.set(cursor, { connection, result, types, readers, rest: null, ended: false });
      return {
        columns,
        cursor,
        returns: kind === returnsRows ? "rows" : kind === returnsChanges ? "changes" : "nothing",
      };
    } catch (error) {
      library.destroy_result(result);
      throw error;
    }
  };

  const load = (connection: Pointer, name: string, { fields, batches }: CTable, create: boolean): void => {
    const schema = layOutSchema(fields);
    const empty = { length: 0, nullCount: 0, buffers: [null], children: fields.map(emptyArray) };
    for (const [i, batch] of (batches.length > 0 ? batches : [empty]).entries()) {
      const array = layOutArray(batch);
      const stream: [Pointer | null] = [null];
      if (library.arrow_array_scan(connection, "arrow_batch", schema.address, array.address, stream) !== 0)
        throw new Error("DuckDB cannot read this Arrow table; a column has a type it does not know");
      let isRun = false;
      try {
        run(
          connection,
          create && i === 0 ? `create table ${name} as from arrow_batch` : `insert into ${name} from arrow_batch`,
        );
        isRun = true;
      } finally {
        // A transaction that the failure has ended takes no statement but its rollback, which undoes the view too.
        if (isRun) run(connection, "drop view arrow_batch");
        else tryRun(connection, "drop view arrow_batch");
        library.destroy_arrow_stream(stream);
        // Read after DuckDB's last use, so that the structs are alive until here.
        schema.memory.push(array.memory.length);
      }
    }
  };

  return {
    open({ path = null }) {
      const [out, error]: [[Pointer | null], [Pointer | null]] = [[null], [null]];
      if (library.open_ext(path, out, null, error) !== 0) throw new Error(String(error[0]));
      database = out[0];
      return `DuckDB ${library.library_version()}`;
    },
    connect({ setup }) {
      const out: [Pointer | null] = [null];
      if (database === null || library.connect(database, out) !== 0) throw new Error("DuckDB gave no connection");
      const pointer = out[0]!;
      const id = ++lastConnection;
      connections.set(id, pointer);
      try {
        for (const sql of setup) run(pointer, sql);
      } catch (error) {
        disconnect(id);
        throw error;
      }
      return { id, pointer };
    },
    disconnect: ({ connection }) => disconnect(connection),
    close() {
      // Connections keep the database, and DuckDB's own threads, alive; this thread and what it has loaded end next.
      for (const id of connections.keys()) disconnect(id);
      if (database !== null) library.close([database]);
      database = null;
    },
    start: ({ connection, sql, values }) => start(connection, sql, values),
    fetch({ cursor, rows }) {
      const open = cursorOf(cursor);
      try {
        const batch = fetch(open, rows);
        if (batch === undefined) finish(cursor);
        return batch;
      } catch (error) {
        finish(cursor);
        throw error;
      }
    },
    read({ cursor, rows, limit }, emit) {
      const open = cursorOf(cursor);
      try {
        for (let left = limit; left > 0;) {
          const batch = fetch(open, rows);
          if (batch === undefined) break;
          left -= batch.length;
          emit(batch);
        }
      } finally {
        finish(cursor);
      }
    },
    finish: ({ cursor }) => finish(cursor),
    load: ({ connection, name, table, create }) => load(connectionOf(connection), name, table, create),
  };
}

/** An array of no rows: DuckDB still looks for its buffers. */
function emptyArray({ children, dictionary }: CTable["fields"][number]): CTable["batches"][number] {
  const buffers = [null, new Uint8Array(8), new Uint8Array(8)];
  const made = { length: 0, nullCount: 0, buffers, children: children.map(emptyArray) };
  return dictionary ? { ...made, dictionary: emptyArray(dictionary) } : made;
}
