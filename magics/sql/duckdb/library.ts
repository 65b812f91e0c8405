import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import koffi, { type LibraryHandle, type TypeObject } from "koffi";

/** An address in DuckDB's memory; null where C would say NULL. */
export type Pointer = bigint;
type TypeSpec = string | TypeObject;
type Out = [Pointer | null];

/** `duckdb_result` of the C API, passed by value. */
export interface NativeResult {
  readonly internal?: Pointer;
}

/** 128 bits as the C API passes them. */
interface Wide {
  readonly lower: bigint;
  readonly upper: bigint;
}

/** The functions of DuckDB's C API that we call, by their names without `duckdb_`. */
export interface Library {
  library_version(): string;
  open_ext(path: string | null, database: Out, config: Pointer | null, error: Out): number;
  close(database: Out): void;
  connect(database: Pointer, connection: Out): number;
  disconnect(connection: Out): void;
  interrupt(connection: Pointer): void;
  query_progress(connection: Pointer): { percentage: number; rows_processed: bigint; total_rows_to_process: bigint };
  prepare(connection: Pointer, sql: string, statement: Out): number;
  prepare_error(statement: Pointer): string | null;
  destroy_prepare(statement: Out): void;
  extract_statements(connection: Pointer, sql: string, extracted: Out): bigint;
  prepare_extracted_statement(connection: Pointer, extracted: Pointer, index: number, statement: Out): number;
  destroy_extracted(extracted: Out): void;
  nparams(statement: Pointer): bigint;
  bind_value(statement: Pointer, index: number, value: Pointer): number;
  execute_prepared_streaming(statement: Pointer, result: NativeResult): number;
  result_error(result: NativeResult): string | null;
  result_return_type(result: NativeResult): number;
  destroy_result(result: NativeResult): void;
  rows_changed(result: NativeResult): bigint;
  column_count(result: NativeResult): bigint;
  column_name(result: NativeResult, column: number): string;
  column_logical_type(result: NativeResult, column: number): Pointer;
  fetch_chunk(result: NativeResult): Pointer | null;
  destroy_data_chunk(chunk: Out): void;
  data_chunk_get_size(chunk: Pointer): number;
  data_chunk_get_vector(chunk: Pointer, column: number): Pointer;
  vector_get_data(vector: Pointer): Pointer;
  vector_get_validity(vector: Pointer): Pointer | null;
  list_vector_get_child(vector: Pointer): Pointer;
  array_vector_get_child(vector: Pointer): Pointer;
  struct_vector_get_child(vector: Pointer, index: number): Pointer;
  create_logical_type(id: number): Pointer;
  destroy_logical_type(type: Out): void;
  get_type_id(type: Pointer): number;
  decimal_width(type: Pointer): number;
  decimal_scale(type: Pointer): number;
  decimal_internal_type(type: Pointer): number;
  enum_internal_type(type: Pointer): number;
  enum_dictionary_size(type: Pointer): number;
  enum_dictionary_value(type: Pointer, index: number): string;
  list_type_child_type(type: Pointer): Pointer;
  array_type_child_type(type: Pointer): Pointer;
  array_type_array_size(type: Pointer): number;
  map_type_key_type(type: Pointer): Pointer;
  map_type_value_type(type: Pointer): Pointer;
  struct_type_child_count(type: Pointer): number;
  struct_type_child_name(type: Pointer, index: number): string;
  struct_type_child_type(type: Pointer, index: number): Pointer;
  union_type_member_count(type: Pointer): number;
  union_type_member_name(type: Pointer, index: number): string;
  union_type_member_type(type: Pointer, index: number): Pointer;
  create_list_type(child: Pointer): Pointer;
  create_struct_type(types: Pointer[], names: string[], count: number): Pointer;
  destroy_value(value: Out): void;
  create_null_value(): Pointer;
  create_bool(value: boolean): Pointer;
  create_int32(value: number): Pointer;
  create_int64(value: bigint): Pointer;
  create_hugeint(value: Wide): Pointer;
  create_uhugeint(value: Wide): Pointer;
  create_double(value: number): Pointer;
  create_varchar_length(text: Uint8Array, bytes: number): Pointer;
  create_blob(data: Uint8Array, bytes: number): Pointer;
  create_timestamp_tz(value: { micros: bigint }): Pointer;
  create_list_value(type: Pointer, values: Pointer[], count: number): Pointer;
  create_struct_value(type: Pointer, values: Pointer[]): Pointer;
  arrow_array_scan(connection: Pointer, name: string, schema: Pointer, array: Pointer, stream: Out): number;
  destroy_arrow_stream(stream: Out): void;
}

const signatures = `
const char *library_version()
int open_ext(const char *path, _Out_ void **database, void *config, _Out_ str_free *error)
void close(_Inout_ void **database)
int connect(void *database, _Out_ void **connection)
void disconnect(_Inout_ void **connection)
void interrupt(void *connection)
progress query_progress(void *connection)
int prepare(void *connection, const char *sql, _Out_ void **statement)
const char *prepare_error(void *statement)
void destroy_prepare(_Inout_ void **statement)
uint64 extract_statements(void *connection, const char *sql, _Out_ void **extracted)
int prepare_extracted_statement(void *connection, void *extracted, uint64 index, _Out_ void **statement)
void destroy_extracted(_Inout_ void **extracted)
uint64 nparams(void *statement)
int bind_value(void *statement, uint64 index, void *value)
int execute_prepared_streaming(void *statement, _Out_ result *result)
const char *result_error(_Inout_ result *result)
int result_return_type(result result)
void destroy_result(_Inout_ result *result)
uint64 rows_changed(_Inout_ result *result)
uint64 column_count(_Inout_ result *result)
const char *column_name(_Inout_ result *result, uint64 column)
void *column_logical_type(_Inout_ result *result, uint64 column)
void *fetch_chunk(result result)
void destroy_data_chunk(_Inout_ void **chunk)
uint64 data_chunk_get_size(void *chunk)
void *data_chunk_get_vector(void *chunk, uint64 column)
void *vector_get_data(void *vector)
void *vector_get_validity(void *vector)
void *list_vector_get_child(void *vector)
void *array_vector_get_child(void *vector)
void *struct_vector_get_child(void *vector, uint64 index)
void *create_logical_type(int id)
void destroy_logical_type(_Inout_ void **type)
int get_type_id(void *type)
uint8 decimal_width(void *type)
uint8 decimal_scale(void *type)
int decimal_internal_type(void *type)
int enum_internal_type(void *type)
uint32 enum_dictionary_size(void *type)
str_free enum_dictionary_value(void *type, uint64 index)
void *list_type_child_type(void *type)
void *array_type_child_type(void *type)
uint64 array_type_array_size(void *type)
void *map_type_key_type(void *type)
void *map_type_value_type(void *type)
uint64 struct_type_child_count(void *type)
str_free struct_type_child_name(void *type, uint64 index)
void *struct_type_child_type(void *type, uint64 index)
uint64 union_type_member_count(void *type)
str_free union_type_member_name(void *type, uint64 index)
void *union_type_member_type(void *type, uint64 index)
void *create_list_type(void *child)
void *create_struct_type(void **types, const char **names, uint64 count)
void destroy_value(_Inout_ void **value)
void *create_null_value()
void *create_bool(bool value)
void *create_int32(int32 value)
void *create_int64(int64 value)
void *create_hugeint(wide value)
void *create_uhugeint(wide value)
void *create_double(double value)
void *create_varchar_length(const uint8 *text, uint64 bytes)
void *create_blob(const uint8 *data, uint64 bytes)
void *create_timestamp_tz(micros value)
void *create_list_value(void *type, void **values, uint64 count)
void *create_struct_value(void *type, void **values)
int arrow_array_scan(void *connection, const char *name, void *schema, void *array, _Out_ void **stream)
void destroy_arrow_stream(_Inout_ void **stream)
`;

/** Copies native memory into a JavaScript buffer. */
export type CopyMemory = (target: Uint8Array, source: Pointer, bytes: number) => void;

interface Loaded {
  readonly library: Library;
  readonly copyMemory: CopyMemory;
  readonly empty: Pointer;
}

let loaded: Loaded | undefined;

/** Loads DuckDB's shared library, which npm installed for this platform, and describes its functions; once per thread. */
export function loadLibrary(): Loaded {
  return (loaded ??= load());
}

/** Returns the address of a buffer's bytes; it is good while the buffer lives and is not transferred. */
export function addressOf(buffer: Uint8Array): Pointer {
  return koffi.address(buffer);
}

/** Returns the address of a native function that does nothing to its argument: a `release` for memory that JavaScript owns. */
export function emptyFunction(): Pointer {
  return loadLibrary().empty;
}

function load(): Loaded {
  const handle = koffi.load(libraryPath());
  const types: Record<string, TypeObject> = {
    result: koffi.struct({ a: "uint64", b: "uint64", c: "uint64", d: "void *", e: "void *", internal: "void *" }),
    wide: koffi.struct({ lower: "uint64", upper: "int64" }),
    micros: koffi.struct({ micros: "int64" }),
    progress: koffi.struct({ percentage: "double", rows_processed: "uint64", total_rows_to_process: "uint64" }),
    str_free: koffi.disposable("str", handle.func("void duckdb_free(void *pointer)")),
  };
  const entries = signatures
    .trim()
    .split("\n")
    .map((line) => declare(handle, line, types));
  // The C runtime's memcpy: process-wide on Unix; Windows keeps it in a library of its own.
  const runtime = koffi.load(process.platform === "win32" ? "ucrtbase.dll" : null);
  const copyMemory = runtime.func("void memcpy(void *target, void *source, size_t bytes)");
  const empty = koffi.address(handle.symbol("duckdb_vector_size", "void"));
  return { library: Object.fromEntries(entries) as unknown as Library, copyMemory, empty };
}

/** Declares one function from its C signature. */
function declare(handle: LibraryHandle, line: string, types: Record<string, TypeObject>): [string, unknown] {
  const [, returned = "", name = "", list = ""] = /^(.*?)(\w+)\((.*)\)$/.exec(line) ?? [];
  const type = (text: string): TypeSpec => {
    const [, base = "", stars = ""] = /^(?:const )?(\w+) ?(\**)$/.exec(text.trim()) ?? [];
    if (base === "char" && stars === "*") return "str";
    if (base === "char") return "str *";
    let spec: TypeSpec = types[base] ?? base;
    for (const _ of stars) spec = koffi.pointer(spec);
    return spec;
  };
  const parameters =
    list === ""
      ? []
      : list.split(", ").map((parameter) => {
          const [, mark, text = ""] = /^(_Out_ |_Inout_ )?(.*?)\w+$/.exec(parameter) ?? [];
          if (mark === undefined) return type(text);
          return mark === "_Out_ " ? koffi.out(type(text)) : koffi.inout(type(text));
        });
  return [name, handle.func(`duckdb_${name}`, type(returned), parameters)];
}

/** Finds the library beside the node package that npm chose for this platform. */
function libraryPath(): string {
  const file = { win32: "duckdb.dll", darwin: "libduckdb.dylib" }[process.platform as string] ?? "libduckdb.so";
  const require = createRequire(import.meta.url);
  const api = createRequire(require.resolve("@duckdb/node-api"));
  const bindings = createRequire(api.resolve("@duckdb/node-bindings"));
  const platform = `@duckdb/node-bindings-${process.platform}-${process.arch}`;
  for (const name of [platform, `${platform}-musl`]) {
    try {
      return join(dirname(bindings.resolve(`${name}/package.json`)), file);
    } catch {
      // Not installed here; the other C library's build may be.
    }
  }
  throw new Error(`DuckDB has no build for ${process.platform} on ${process.arch}`);
}
