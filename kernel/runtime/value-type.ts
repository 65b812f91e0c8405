import { types } from "node:util";

/** What is read of an Arrow data type. */
interface ArrowType {
  readonly typeId: number;
  readonly isSigned?: boolean;
  readonly bitWidth?: number;
  readonly precision?: number;
  readonly children?: readonly ArrowField[] | null;
  readonly dictionary?: ArrowType;
}

interface ArrowField {
  readonly name: string;
  readonly type: ArrowType;
}

const mostColumns = 500;
const arrow = `import("apache-arrow")`;

/** Says the type of a value in words of TypeScript, where its run tells more than its declaration: an Arrow table's columns. */
export function typeOfValue(value: unknown): string | undefined {
  if (typeof value !== "object" || value === null || types.isProxy(value)) return undefined;
  // Nothing of the user's is called: a table's schema and batches are plain properties.
  const schema: unknown = Object.getOwnPropertyDescriptor(value, "schema")?.value;
  if (schema === undefined || !Object.hasOwn(value, "batches")) return undefined;
  // Of what only has such properties, or more than a table has, the declaration says more.
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === null || !Object.hasOwn(prototype as object, "batches")) return undefined;
  try {
    const { fields } = schema as { readonly fields?: readonly ArrowField[] };
    if (!Array.isArray(fields) || fields.length > mostColumns) return undefined;
    return `${arrow}.Table<${struct(fields as readonly ArrowField[])}>`;
  } catch {
    return undefined; // it only looked like a table
  }
}

function struct(fields: readonly ArrowField[]): string {
  return `{ ${fields.map(({ name, type }) => `${JSON.stringify(name)}: ${nameOf(type)}`).join("; ")} }`;
}

const simple: Readonly<Record<number, string>> = {
  1: "Null",
  4: "Binary",
  5: "Utf8",
  6: "Bool",
  7: "Decimal",
  8: "Date_",
  9: "Time",
  10: "Timestamp",
  11: "Interval",
  15: "FixedSizeBinary",
  18: "Duration",
  19: "LargeBinary",
  20: "LargeUtf8",
  23: "BinaryView",
  24: "Utf8View",
};

function nameOf(type: ArrowType): string {
  const { typeId, children, dictionary } = type;
  const inner = (at: number): string => nameOf(children![at]!.type);
  switch (typeId) {
    case 2:
      return `${arrow}.${type.isSigned === true ? "Int" : "Uint"}${type.bitWidth ?? 32}`;
    case 3:
      return `${arrow}.Float${[16, 32, 64][type.precision ?? 2] ?? 64}`;
    case 12:
      return `${arrow}.List<${inner(0)}>`;
    case 13:
      return `${arrow}.Struct<${struct(children ?? [])}>`;
    case 16:
      return `${arrow}.FixedSizeList<${inner(0)}>`;
    case 17: {
      const [key, value] = children![0]!.type.children!;
      return `${arrow}.Map_<${nameOf(key!.type)}, ${nameOf(value!.type)}>`;
    }
    case -1:
      return dictionary ? `${arrow}.Dictionary<${nameOf(dictionary)}>` : `${arrow}.Dictionary`;
    default:
      return `${arrow}.${simple[typeId] ?? "DataType"}`;
  }
}
