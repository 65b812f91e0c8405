import type { ImportDeclaration } from "oxc-parser";
import type { ImportList } from "./imports.ts";
import type { NamePlan } from "./renames.ts";

/** What writing the cells of a module shares. */
export interface ModuleContext extends NamePlan {
  readonly imports: ImportList;
  /** The name by which the module calls a function of the API or of Node, which is imported. */
  api(name: string): string;
  /** How an import's source is written from the module's folder. */
  specifier(source: string): string;
  /** How a property of `import.meta` is written so that it is the notebook's; undefined where it stays. */
  meta(property: string): string | undefined;
  /** Whether an import runs in its place: a cell writes its file, or its cell may fail. */
  isLate(node: ImportDeclaration, cell: number): boolean;
  /** Whether there is no module of that name. */
  isMissing(source: string): boolean;
  /** Whether an imported name is used as a type only. */
  isTypeOnly(name: string): boolean;
  /** Whether a name's value is never undefined. */
  readonly isCertainName: (name: string) => boolean;
  /** The names of a cell that other cells use. */
  neededOutside(cell: number): ReadonlySet<string>;
  /** The type of a variable that cells share; undefined where the first value says it. */
  sharedType(name: string): string | undefined;
  /** The last cell that exports a name. */
  exporterOf(name: string): number | undefined;
  /** Exports a name at the module's end. */
  exported(name: string, local: string, type: boolean): void;
}
