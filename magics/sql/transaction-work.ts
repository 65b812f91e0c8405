import { MagicError, type Template } from "../magic.ts";
import { shownValue } from "./query-text.ts";
import { startsSql } from "./starters.ts";

/** What a transaction is asked to do, one thing after the other, with or without an await. */
export interface TransactionWork {
  run<T>(task: () => Promise<T>): Promise<T>;
  /** Notes a query that was made; it is forgotten by what this returns, once it is run or part of another. */
  note(template: Template): () => void;
  /** Waits for all that it was asked for. Throws the first error of what ran still, or for a query that was never run. */
  settle(): Promise<void>;
  /** Lets nothing begin any more, and waits for what runs. */
  end(): Promise<void>;
}

/** Makes the work of one transaction. */
export function createWork(): TransactionWork {
  let state: "open" | "settling" | "ended" = "open";
  let last: Promise<unknown> = Promise.resolve();
  let failure: { readonly error: unknown } | undefined;
  const made = new Set<Template>();
  const drain = async (): Promise<void> => {
    for (let seen: unknown; seen !== last;) {
      seen = last;
      await last;
      // What a callback behind it asks for is asked for in its microtasks.
      await new Promise((resolve) => void setImmediate(resolve));
    }
  };
  return {
    async run(task) {
      const previous = last;
      const { promise, resolve } = Promise.withResolvers<void>();
      last = promise;
      await previous;
      try {
        if (state === "ended") throw new MagicError("sql", "the transaction has ended. Await its queries inside it");
        return await task();
      } catch (error) {
        if (state === "settling") failure ??= { error };
        throw error;
      } finally {
        resolve();
      }
    },
    note(template) {
      made.add(template);
      return () => void made.delete(template);
    },
    async settle() {
      state = "settling";
      await drain();
      if (failure) throw failure.error;
      const forgotten = [...made].map(textOf).find((text) => startsSql(/^\w*/.exec(text)![0]));
      if (forgotten !== undefined)
        throw new MagicError("sql", `a query of the transaction was not awaited: ${forgotten}`);
    },
    async end() {
      state = "ended";
      await last;
    },
  };
}

const mostText = 80;

/** The beginning of a query, in one line. */
function textOf({ strings }: Template): string {
  const text = strings.join(shownValue).trim().replaceAll(/\s+/g, " ");
  return text.length > mostText ? `${text.slice(0, mostText)}…` : text;
}
