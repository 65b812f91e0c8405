import { type ArrowTable, type ArrowType, type ArrowVector, formatType, isRightAligned } from "./arrow-type.ts";
import { formatAt } from "./arrow-value.ts";

/** A column as a table display reads it, whatever library the data came from. */
export interface GridColumn {
  readonly name: string;
  readonly type: string;
  readonly align: "left" | "right";
  /** The value at a row, exactly as text; null where there is none. */
  text(row: number): string | null;
}

/** Rows and columns to show. */
export interface Grid {
  readonly rows: number;
  readonly columns: readonly GridColumn[];
}

/** How many rows a display shows. */
export const shownRows = 20;

/** Reads an Arrow table or record batch; each column by its position, since names may repeat. */
export function gridOfTable(table: ArrowTable): Grid {
  const columns = table.schema.fields.map(({ name, type }, index) => {
    const vector = table.getChildAt(index);
    // apache-arrow gives fields of the same name one type; the vectors know their own.
    return toColumn(name, vector?.type ?? type, vector);
  });
  return { rows: table.numRows, columns };
}

/** Reads one Arrow vector as a column. */
export function gridOfVector(vector: ArrowVector): Grid {
  return { rows: vector.length, columns: [toColumn("", vector.type, vector)] };
}

function toColumn(name: string, type: ArrowType, vector: ArrowVector | null): GridColumn {
  return {
    name,
    type: formatType(type),
    align: isRightAligned(type) ? "right" : "left",
    text: (row) => (vector ? formatAt(vector, row) : null),
  };
}
