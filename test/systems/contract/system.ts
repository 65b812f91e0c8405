/**
 * What the contract needs to know of one system: cells of a notebook whose connections are `main` and `other` (the same
 * server), `bad` (a wrong password), `closed` (nothing listens), `nowhere` (no such host) and `plain` (TLS asked of a server without).
 */
export interface System {
  readonly title: string;
  /** By which `typhoon up` starts it; absent where it runs within the kernel, in a file. */
  readonly recipe?: string;
  /** The URL of a file in a folder, where there is no server. */
  fileUrl?(folder: string): string;
  /** Whether a URL can ask it for TLS. */
  readonly hasTls?: boolean;
  /**
   * Defines `echo(value)`, which stores a text or bytes in the system and resolves to what that gives back; `count()`, the
   * number of rows of a table that is empty at first; `add(n)`, which puts a row into it.
   */
  readonly setup: string;
  /** Texts that the system cannot hold: it must refuse them with this. */
  readonly refuses?: { readonly text: (value: string) => boolean; readonly says: string };
  /**
   * Numbers from 0 on in a column `i`, as Arrow record batches: a cell that runs before each use, and an expression for the
   * async iterable. Absent where the system has no rows.
   */
  readonly stream?: { readonly rows: number; readonly before?: string; readonly batches: string };
  /** Values with their extremes, brought in and out exactly: a cell whose result is a text, and that text. */
  readonly types: { readonly cell: string; readonly result: string };
  /** A cell that takes minutes in the server. */
  readonly endless: string;
  /** A cell whose result is the number of such that run in the server. */
  readonly running: string;
  /** A cell that ends their sessions in the server; absent where such a cell goes on by itself. */
  readonly kill?: string;
  /** A statement of an `async (tx) => …` that puts a row into the table, in the transaction; absent where there are none. */
  readonly transaction?: { readonly begin: (work: string) => string; readonly add: string; readonly endless?: string };
  /** A cell that the system refuses, and what its error says of the place. */
  readonly wrong: { readonly cell: string; readonly says: RegExp };
  /** What errors of connecting say. */
  readonly says: { readonly badPassword: RegExp };
  /** A cell that connects by a name, for errors of connecting. */
  use(connection: string): string;
}
