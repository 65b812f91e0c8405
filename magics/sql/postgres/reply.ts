import { type ErrorFields, toFailure } from "./errors.ts";
import { type FieldDescription, readFields, readNotice, readParameterTypes, readText, says } from "./backend.ts";
import type { SqlFailure } from "../engine.ts";

/** What a session is busy with, from the first message that it sends until the server is ready for another. */
export interface Exchange {
  /** Takes a message; true stops the reading until the wire is resumed. */
  message(type: number, bytes: Buffer, start: number, end: number): boolean;
  pause?(): void;
  lost(failure: SqlFailure): void;
  /**
   * Wants no more of it. Returns true where the server has to be told to stop; false where it will be ready by itself.
   */
  abandon(): boolean;
  /** Settled once the server is ready, or the connection has ended. */
  readonly over: Promise<void>;
}

/** What a server says of a statement before it runs it. */
export interface Description {
  readonly parameters: readonly number[];
  /** Undefined where it gives no rows. */
  readonly fields: readonly FieldDescription[] | undefined;
}

/** Takes what comes of messages that give no rows: descriptions, an end, an error. */
export class Reply implements Exchange {
  readonly over: Promise<void>;
  private readonly end: () => void;
  private readonly sql: string;
  private parameters: readonly number[] = [];
  private fields: readonly FieldDescription[] | undefined;
  private failure: SqlFailure | undefined;
  private isOver = false;

  constructor(sql: string) {
    this.sql = sql;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.over = promise;
    this.end = resolve;
  }

  /** What was described. Throws what the server has said against it. */
  result(): Description {
    if (this.failure) throw this.failure;
    return { parameters: this.parameters, fields: this.fields };
  }

  message(type: number, bytes: Buffer, start: number): boolean {
    if (type === says.parameterDescription) this.parameters = readParameterTypes(bytes, start);
    else if (type === says.rowDescription) this.fields = readFields(bytes, start);
    else if (type === says.error) this.failure ??= toFailure(readNotice(bytes, start), this.sql);
    else if (type === says.ready) this.finish();
    return false;
  }

  lost(failure: SqlFailure): void {
    this.failure ??= failure;
    this.finish();
  }

  abandon(): boolean {
    return !this.isOver;
  }

  private finish(): void {
    this.isOver = true;
    this.end();
  }
}

/** How a statement has ended. */
export interface Command {
  /** As the server names it: `INSERT 0 5`. */
  readonly tag: string;
  /** Undefined where it changes no rows. */
  readonly changes: number | undefined;
}

/** Reads how a statement has ended. */
export function readCommand(bytes: Buffer, start: number): Command {
  const tag = readText(bytes, start);
  const [, count] = /^(?:INSERT|UPDATE|DELETE|MERGE|COPY|SELECT|MOVE)(?: \d+)? (\d+)$/.exec(tag) ?? [];
  return { tag, changes: count === undefined ? undefined : Number(count) };
}

/** Writes a notice as one line. */
export function noticeText(fields: ErrorFields): string {
  const { S: severity = "NOTICE", M: message = "", D: detail, H: hint } = fields;
  return [`${severity}: ${message}`, detail, hint && `Hint: ${hint}`].filter(Boolean).join(". ");
}
