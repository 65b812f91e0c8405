import { randomBytes } from "node:crypto";
import { MagicError } from "../magic.ts";
import type { Column, ColumnType } from "../columnar/columnar.ts";
import type { Dialect } from "./dialect.ts";

/** Writes columns as `create table` wants them. */
export function definitions(dialect: Dialect, columns: readonly Column[], key: readonly string[]): string {
  const all = columns.map(({ name, type }) => {
    const isKey = key.includes(name);
    return `${dialect.quote(name)} ${typeOf(dialect, name, type, isKey)}${isKey ? " not null" : ""}`;
  });
  if (key.length > 0) all.push(`primary key (${key.map(dialect.quote).join(", ")})`);
  return all.join(", ");
}

function typeOf(dialect: Dialect, name: string, type: ColumnType, isKey: boolean): string {
  try {
    return (isKey && dialect.keyTypeName?.(type)) || dialect.typeName(type);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new MagicError("sql", `the column "${name}" cannot be written: ${error.message}`, { cause: error });
  }
}

/** A name that nobody else has. */
export function temporaryName(): string {
  return `typhoon_${randomBytes(6).toString("hex")}`;
}
