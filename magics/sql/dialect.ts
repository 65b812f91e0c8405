import type { ColumnType } from "../columnar/columnar.ts";

/** How the text of a dialect is read: what differs between them. All know `'…'`, `--` and block comments. */
export interface Syntax {
  /** `"…"` is a text and not a name (MySQL without ANSI_QUOTES). */
  readonly doubleQuotesAreTexts?: boolean;
  /** Names in backticks. */
  readonly backticks?: boolean;
  /** Names in `[…]`. */
  readonly brackets?: boolean;
  /** `\` escapes within `'…'`. */
  readonly backslashes?: boolean;
  /** `e'…'` with escapes. */
  readonly escapeTexts?: boolean;
  /** `$tag$…$tag$`. */
  readonly dollarQuotes?: boolean;
  /** `# …` to the line's end. */
  readonly hashComments?: boolean;
  /** `--` begins a comment only before white space (MySQL). */
  readonly dashNeedsSpace?: boolean;
  /** Block comments may hold others. */
  readonly nestedComments?: boolean;
  /** `if`, `while` and the like are statements that hold others, in routines and by themselves (MariaDB). */
  readonly compoundStatements?: boolean;
  /** `[1:n]` is a slice, `::` a cast. */
  readonly slices?: boolean;
}

/** A node of a query's plan. */
export interface PlanNode {
  /** What is done, and on what: `Seq Scan on users`. */
  readonly label: string;
  /** Conditions and the like, as the system words them. */
  readonly details: readonly string[];
  /** Estimated cost in the system's own units, and rows; measured rows and ms after a run. */
  readonly cost?: number;
  readonly rows?: number;
  readonly actualRows?: number;
  readonly actualMs?: number;
  readonly children: readonly PlanNode[];
}

/** What a query that asks for the catalog gives per column of a table: text in each. */
export interface CatalogRow {
  /** The schema, or empty where the name alone finds the table. */
  readonly schema: string;
  readonly name: string;
  readonly col: string;
  readonly type: string;
}

/** The SQL of one system, where systems differ. */
export interface Dialect {
  readonly syntax: Syntax;
  /** Writes a name as SQL. */
  quote(name: string): string;
  /**
   * What stands for `in`, `not in` and the list where a list has nothing in it; where this is absent, the list is a query
   * without rows, whose column has to fit any type.
   */
  readonly emptyList?: { readonly in: string; readonly notIn: string; readonly list: string };
  /** Most bytes of a name, where the system cuts longer ones without an error. */
  readonly nameBytes?: number;
  /** The placeholder of the value with this number, from 1. */
  placeholder(number: number): string;
  /** The narrowest type that holds every value of an Arrow type exactly. Throws a TypeError where there is none. */
  typeName(type: ColumnType): string;
  /** The type of a column of a primary key, where `typeName` gives one that cannot be a key. */
  keyTypeName?(type: ColumnType): string | undefined;
  /** Lists tables and views: `schema`, `name`, `kind` ('table', 'view'), `rows` (an estimate, or null). */
  readonly tables: string;
  /** Lists columns of all tables that are not the system's own, a `CatalogRow` each, at most 20,000. */
  readonly columns: string;
  /**
   * Lists the columns of one table, whose name is SQL: `name`, `type` as SQL writes it, `nullable`, `default` as SQL or null,
   * `key` (true for a column of the primary key).
   */
  describe(table: string): string;
  /** Lists the names of functions, as `name`, where the system can. */
  readonly functions?: string;
  /** The statement that gives the plan of another; with `analyze` it is run. */
  explain(sql: string, analyze: boolean): string;
  /** Reads the rows of that statement. */
  readPlan(rows: readonly Readonly<Record<string, unknown>>[]): PlanNode;
  /**
   * Statements that put the rows of `staging` into `table`, changing those whose `key` is there already; all names quoted.
   */
  upsert(table: string, staging: string, columns: readonly string[], key: readonly string[]): string;
  /** `create temporary table NAME (…)`, without the columns. */
  readonly createTemporary: string;
  /** Drops one without its name, if it is there, and ends no transaction; `drop table if exists` where absent. */
  readonly dropTemporary?: string;
  /** Statements that begin a transaction, `begin` where absent; with a level where the system has several. */
  begin?(isolation?: string): readonly string[];
  /** True where dates and times are kept as texts, and compared as such (SQLite). */
  readonly keepsTimesAsTexts?: boolean;
  /** True where a statement that fails ends a transaction but for its rollback, also one that only names a missing table. */
  readonly nameErrorsEndTransactions?: boolean;
  /**
   * The statement that gives the table `staging` the name `table` in one step, and to the table that has it the name `old`,
   * where there is one. Needed where creating a table ends a transaction.
   */
  takeName?(table: string, staging: string, old: string | undefined): string;
  /** False where `create table` and the like end a transaction by themselves (MySQL). */
  readonly hasTransactionalDdl: boolean;
}
