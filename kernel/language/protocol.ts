// What is used of the Language Server Protocol, in its words: https://microsoft.github.io/language-server-protocol

/** A place in a document: line from 0, and a UTF-16 position in it. */
export interface Position {
  readonly line: number;
  readonly character: number;
}

/** A stretch of a document. */
export interface Range {
  readonly start: Position;
  readonly end: Position;
}

/** A problem in a document; severity 1 is an error, 2 a warning, 3 and 4 are hints for an editor. */
export interface LspDiagnostic {
  readonly range: Range;
  readonly severity?: number;
  readonly code?: number | string;
  readonly message: string;
}

/** An edit of a document. */
export interface TextEdit {
  readonly range: Range;
  readonly newText: string;
}

/** One completion. */
export interface CompletionItem {
  readonly label: string;
  readonly kind?: number;
  readonly detail?: string;
  readonly sortText?: string;
  readonly filterText?: string;
  readonly insertText?: string;
  readonly textEdit?: TextEdit;
  /** The server's own; a name that would have to be imported first has `autoImport`. */
  readonly data?: { readonly autoImport?: unknown };
}

/** Answer to `textDocument/completion`. */
export type CompletionResult = { readonly items: readonly CompletionItem[] } | readonly CompletionItem[] | null;

/** Answer to `textDocument/hover`. */
export interface Hover {
  readonly contents: { readonly value: string };
}

/** Answer to `textDocument/signatureHelp`. */
export interface SignatureHelp {
  readonly signatures: readonly {
    readonly label: string;
    readonly documentation?: { readonly value: string };
    readonly parameters?: readonly { readonly label: string; readonly documentation?: { readonly value: string } }[];
  }[];
  readonly activeSignature?: number;
  readonly activeParameter?: number;
}
