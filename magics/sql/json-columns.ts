import type { Column, ColumnType } from "../columnar/columnar.ts";

/** Writes names as DuckDB does. */
function quote(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** Tells by the options of DuckDB's COPY whether it writes JSON. */
export function isJson(copy: string): boolean {
  return copy.startsWith("format json");
}

/**
 * The columns of a query of DuckDB, as SQL, for a file of JSON: what JSON has no number for (NaN and the infinities) is null,
 * as in `JSON.stringify`, also within lists, structs and the values of maps. Undefined where no column can have such.
 */
export function jsonColumns(columns: readonly Column[]): string | undefined {
  if (!columns.some(({ type }) => hasFloat(type))) return undefined;
  return columns.map(({ name, type }) => `${finite(quote(name), type, 0)} as ${quote(name)}`).join(", ");
}

function hasFloat(type: ColumnType): boolean {
  if (type.kind === "list" || type.kind === "fixedList") return hasFloat(type.child.type);
  if (type.kind === "struct") return type.children.some((child) => hasFloat(child.type));
  return type.kind === "float" || (type.kind === "map" && hasFloat(type.value.type));
}

function finite(value: string, type: ColumnType, depth: number): string {
  if (!hasFloat(type)) return value;
  const item = `v${depth}`;
  const each = (list: string, child: ColumnType): string =>
    `list_transform(${list}, lambda ${item}: ${finite(item, child, depth + 1)})`;
  if (type.kind === "list" || type.kind === "fixedList") return each(value, type.child.type);
  if (type.kind === "struct") {
    const members = type.children.map(
      ({ name, type: member }) => `${quote(name)} := ${finite(`${value}.${quote(name)}`, member, depth)}`,
    );
    return `case when ${value} is not null then struct_pack(${members.join(", ")}) end`;
  }
  if (type.kind === "map") {
    const values = each(`map_values(${value})`, type.value.type);
    return `case when ${value} is not null then map(map_keys(${value}), ${values}) end`;
  }
  return `case when isfinite(${value}) then ${value} end`;
}
