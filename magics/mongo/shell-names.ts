import type { Driver } from "./driver.ts";

const types = [
  "ObjectId",
  "UUID",
  "Binary",
  "Code",
  "DBRef",
  "Int32",
  "Double",
  "Long",
  "MinKey",
  "MaxKey",
  "Decimal128",
] as const;
const functions = ["Timestamp", "ISODate", "NumberInt", "NumberLong", "NumberDecimal", "BinData", "HexData"] as const;

/** A name that a body of `%mongo` knows beside the notebook's. */
export type ShellName = (typeof types)[number] | (typeof functions)[number];

/** All names that a body knows beside the notebook's. */
export const shellNames: readonly ShellName[] = [...types, ...functions];

type Instance<N extends keyof Driver> = Driver[N] extends abstract new (...values: never[]) => infer T ? T : never;

/** A function that `new` may stand before, too. */
interface ShellFunction<T> {
  (...values: unknown[]): T;
  new (...values: unknown[]): T;
}

/** The types of BSON by the names that the MongoDB shell has for them; `new` may be left out. */
export type ShellValues = {
  readonly [N in (typeof types)[number]]: ShellFunction<Instance<N>> & Omit<Driver[N], "prototype">;
} & {
  readonly Timestamp: ShellFunction<Instance<"Timestamp">>;
  readonly ISODate: ShellFunction<Date>;
  readonly NumberInt: ShellFunction<Instance<"Int32">>;
  readonly NumberLong: ShellFunction<Instance<"Long">>;
  readonly NumberDecimal: ShellFunction<Instance<"Decimal128">>;
  readonly BinData: ShellFunction<Instance<"Binary">>;
  readonly HexData: ShellFunction<Instance<"Binary">>;
};
