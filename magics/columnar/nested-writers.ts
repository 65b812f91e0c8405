import type { ColumnWriter } from "./column-writer.ts";
import { NumberWriter } from "./number-writers.ts";
import { Validity } from "./validity.ts";

/** Lists of any length; a map is one of pairs. */
export function lists(child: ColumnWriter): ColumnWriter {
  const validity = new Validity();
  const offsets = new NumberWriter(Int32Array);
  let end = 0;
  offsets.pushNumber(0);
  return {
    push(value) {
      const items = (value ?? []) as readonly unknown[];
      for (const item of items) child.push(item);
      end += items.length;
      offsets.pushNumber(end);
      validity.appendValid(1);
      if (value === null || value === undefined) validity.revokeLast();
    },
    finish() {
      const data = { ...validity.finish(), offsets: offsets.finish().values!, children: [child.finish()] };
      end = 0;
      offsets.pushNumber(0);
      return data;
    },
  };
}

/** Lists of one length. */
export function fixedLists(size: number, child: ColumnWriter): ColumnWriter {
  const validity = new Validity();
  return {
    push(value) {
      const items = (value ?? []) as readonly unknown[];
      for (let i = 0; i < size; i++) child.push(items[i]);
      validity.appendValid(1);
      if (value === null || value === undefined) validity.revokeLast();
    },
    finish: () => ({ ...validity.finish(), children: [child.finish()] }),
  };
}

/** Structs, whose members' writers are `children`. */
export function structs(children: readonly ColumnWriter[]): ColumnWriter {
  const validity = new Validity();
  return {
    push(value) {
      const items = (value ?? []) as readonly unknown[];
      for (const [i, child] of children.entries()) child.push(items[i]);
      validity.appendValid(1);
      if (value === null || value === undefined) validity.revokeLast();
    },
    finish: () => ({ ...validity.finish(), children: children.map((child) => child.finish()) }),
  };
}

/** A sparse union; a null is a null of the first member. */
export function unions(children: readonly ColumnWriter[]): ColumnWriter {
  const ids = new NumberWriter(Int8Array);
  return {
    push(value) {
      const [id, item] = (value ?? [0, null]) as [number, unknown];
      ids.pushNumber(id);
      for (const [i, child] of children.entries()) child.push(i === id ? item : null);
    },
    finish() {
      const { length, values } = ids.finish();
      return { length, nullCount: 0, typeIds: values!, children: children.map((child) => child.finish()) };
    },
  };
}
