import type { Data, DataType, Field, RecordBatch, Schema, Timestamp, Vector } from "apache-arrow";
import type { Batch, Column, ColumnData, ColumnType, TimeUnit } from "./columnar.ts";

/** The module `apache-arrow`, which takes its time to load and so is loaded at the first result. */
export type Arrow = typeof import("apache-arrow");

/** Turns batches of one result into Arrow record batches over the same memory. */
export interface BatchDecoder {
  readonly schema: Schema;
  decode(batch: Batch): RecordBatch;
}

/** Makes the decoder for a result's columns. */
export function createDecoder(arrow: Arrow, columns: readonly Column[]): BatchDecoder {
  const decoders = columns.map(({ type }) => createColumn(arrow, type));
  const schema = new arrow.Schema(columns.map(({ name }, i) => new arrow.Field(name, decoders[i]!.type, true)));
  const struct = new arrow.Struct(schema.fields);
  return {
    schema,
    decode({ length, columns: data }) {
      const children = data.map((column, i) => decoders[i]!.decode(column));
      return new arrow.RecordBatch(schema, arrow.makeData({ type: struct, length, nullCount: 0, children }));
    },
  };
}

type Units = Timestamp["unit"];

interface ColumnDecoder {
  readonly type: DataType;
  decode(data: ColumnData): Data;
}

function createColumn(arrow: Arrow, type: ColumnType): ColumnDecoder {
  const { makeData } = arrow;
  const children = childColumns(type).map(({ name, type: child }) => ({ name, decoder: createColumn(arrow, child) }));
  const fields = children.map(({ name, decoder }) => new arrow.Field(name, decoder.type, true));
  const column = <T extends DataType>(
    made: T,
    make: (type: T, data: ColumnData, children: Data[]) => Data,
  ): ColumnDecoder => ({
    type: made,
    decode: (data) =>
      make(
        made,
        data,
        (data.children ?? []).map((child, i) => children[i]!.decoder.decode(child)),
      ),
  });
  const common = ({ length, nullCount, validity }: ColumnData) => ({
    length,
    nullCount,
    ...(validity && { nullBitmap: validity }),
  });
  const buffer = (view: Uint8Array | undefined): ArrayBuffer => (view?.buffer ?? new ArrayBuffer(0)) as ArrayBuffer;
  /** A column whose values are all of one width. */
  const flat = (made: DataType, View: new (buffer: ArrayBuffer) => ArrayBufferView): ColumnDecoder =>
    column(made, (own, data) =>
      makeData({ type: own as never, ...common(data), data: new View(buffer(data.values)) as never }),
    );
  const varied = (made: DataType): ColumnDecoder =>
    column(made, (own, data) =>
      makeData({
        type: own as never,
        ...common(data),
        valueOffsets: new Int32Array(buffer(data.offsets)),
        data: data.values as never,
      }),
    );
  switch (type.kind) {
    case "null":
      return column(new arrow.Null(), (own, { length }) => makeData({ type: own, length, nullCount: length }));
    case "bool":
      return flat(new arrow.Bool(), Uint8Array);
    case "int":
      return flat(new arrow.Int(type.signed, type.bits), integers[`${type.signed ? "" : "u"}${type.bits}`]!);
    case "float":
      return type.bits === 32 ? flat(new arrow.Float32(), Float32Array) : flat(new arrow.Float64(), Float64Array);
    case "decimal":
      return flat(new arrow.Decimal(type.scale, type.precision, 128), Uint32Array);
    case "date":
      return flat(new arrow.DateDay(), Int32Array);
    case "time":
      return flat(type.unit === "nanosecond" ? new arrow.TimeNanosecond() : new arrow.TimeMicrosecond(), BigInt64Array);
    case "timestamp":
      return flat(new arrow.Timestamp(unit(arrow, type.unit), type.timezone ?? null), BigInt64Array);
    case "interval":
      return flat(new arrow.IntervalMonthDayNano(), Int32Array);
    case "utf8":
      return varied(new arrow.Utf8());
    case "binary":
      return varied(new arrow.Binary());
    case "enum":
      return dictionary(arrow, type);
    case "list":
      return column(new arrow.List(fields[0]!), (own, data, [child]) =>
        makeData({ type: own, ...common(data), valueOffsets: new Int32Array(buffer(data.offsets)), child: child! }),
      );
    case "fixedList":
      return column(new arrow.FixedSizeList(type.size, fields[0]!), (own, data, [child]) =>
        makeData({ type: own, ...common(data), child: child! }),
      );
    case "struct":
      return column(new arrow.Struct(fields), (own, data, made) =>
        makeData({ type: own, ...common(data), children: made }),
      );
    case "map":
      return map(arrow, type);
    case "union":
      return union(
        arrow,
        fields,
        children.map(({ decoder }) => decoder),
      );
    default:
      return type satisfies never;
  }
}

const integers: Readonly<Record<string, new (buffer: ArrayBuffer) => ArrayBufferView>> = {
  8: Int8Array,
  16: Int16Array,
  32: Int32Array,
  64: BigInt64Array,
  u8: Uint8Array,
  u16: Uint16Array,
  u32: Uint32Array,
  u64: BigUint64Array,
};

function childColumns(type: ColumnType): readonly Column[] {
  if (type.kind === "list" || type.kind === "fixedList") return [type.child];
  return type.kind === "struct" || type.kind === "union" ? type.children : [];
}

function unit({ TimeUnit: units }: Arrow, name: TimeUnit): Units {
  return {
    second: units.SECOND,
    millisecond: units.MILLISECOND,
    microsecond: units.MICROSECOND,
    nanosecond: units.NANOSECOND,
  }[name];
}

/** A sparse union: every member has as many rows as the union. */
function union(arrow: Arrow, fields: Field[], members: readonly ColumnDecoder[]): ColumnDecoder {
  const type = new arrow.SparseUnion(
    fields.map((_, i) => i),
    fields,
  );
  return {
    type,
    decode: ({ length, typeIds, children = [] }) =>
      arrow.makeData({
        type,
        length,
        nullCount: 0,
        typeIds: new Int8Array(typeIds!.buffer as ArrayBuffer),
        children: children.map((child, i) => members[i]!.decode(child)) as never,
      }),
  };
}

/** An enum: one dictionary, shared by all batches. */
function dictionary(arrow: Arrow, { bits, values }: ColumnType & { kind: "enum" }): ColumnDecoder {
  const View = integers[`u${bits}`]!;
  const indices = { 8: new arrow.Uint8(), 16: new arrow.Uint16(), 32: new arrow.Uint32() }[bits];
  const type = new arrow.Dictionary(new arrow.Utf8(), indices);
  const shared: Vector = arrow.vectorFromArray([...values], new arrow.Utf8());
  return {
    type,
    decode: ({ length, nullCount, validity, values: data }) =>
      arrow.makeData({
        type,
        length,
        nullCount,
        ...(validity && { nullBitmap: validity }),
        data: new View(data!.buffer as ArrayBuffer) as never,
        dictionary: shared as never,
      }),
  };
}

/** A map: its one child is a struct of keys, which are never null, and values. */
function map(arrow: Arrow, { key, value }: ColumnType & { kind: "map" }): ColumnDecoder {
  const decoders = [createColumn(arrow, key.type), createColumn(arrow, value.type)] as const;
  const entries = new arrow.Struct([
    new arrow.Field("key", decoders[0].type, false),
    new arrow.Field("value", decoders[1].type, true),
  ]);
  const { Map_: MapType } = arrow;
  const type = new MapType(new arrow.Field("entries", entries, false) as never);
  return {
    type,
    decode({ length, nullCount, validity, offsets, children = [] }) {
      const [items] = children;
      const made = (items?.children ?? []).map((child, i) => decoders[i]!.decode(child));
      const child = arrow.makeData({ type: entries, length: items?.length ?? 0, nullCount: 0, children: made });
      const valueOffsets = new Int32Array(offsets!.buffer as ArrayBuffer);
      return arrow.makeData({
        type,
        length,
        nullCount,
        ...(validity && { nullBitmap: validity }),
        valueOffsets,
        child: child as never,
      });
    },
  };
}
