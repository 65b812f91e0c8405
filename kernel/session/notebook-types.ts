import type { CellEnd } from "../language/declarations.ts";
import type { CheckedCell, Language, LanguageOptions } from "../language/language.ts";
import type { Problem } from "../language/problems.ts";

/** The types of a session's notebook. The language client is loaded when it is first needed, or after the first reply. */
export interface NotebookTypes extends Disposable {
  /** A cell is about to run; `check` asks for its problems. */
  begin(source: string, check: boolean): TypedRun;
  /** Loads the language client now, where it is not loaded. */
  start(): void;
  /** All variables are gone. */
  forget(): void;
  complete: AskTypes<"complete">;
  describe: AskTypes<"describe">;
}

/** A question that is answered with undefined where the server has no answer in time. */
type AskTypes<Q extends "complete" | "describe"> = (
  ...question: Parameters<Language[Q]>
) => Promise<Awaited<ReturnType<Language[Q]>>>;

/** A cell that runs. */
export interface TypedRun {
  readonly problems: Promise<readonly Problem[]>;
  end(end: CellEnd): void;
}

// JupyterLab waits a second for completions.
const answerMs = 900;
// Until the server has read its first program, the live values answer alone rather than late.
const coldMs = 150;

/** Creates the types of a notebook without cells. */
export function createNotebookTypes(options: LanguageOptions): NotebookTypes {
  let loading: Promise<Language> | undefined;
  let language: Language | undefined;
  /** Why there is no client, and will be none. */
  let fault: { readonly error: unknown } | undefined;
  let ended = false;
  let warm = false;
  /** What is to be told in order once the client is there. */
  const waiting: { readonly what: (loaded: Language) => void; readonly failed: (error: unknown) => void }[] = [];

  function load(): Promise<Language> {
    if (loading) return loading;
    loading = import("../language/language.ts").then(({ createLanguage }) => {
      language = createLanguage(options);
      if (ended) language[Symbol.dispose]();
      for (const { what, failed } of waiting.splice(0)) tell(what, failed);
      return language;
    });
    loading.catch((error: unknown) => {
      fault = { error };
      for (const { failed } of waiting.splice(0)) failed(error);
    });
    return loading;
  }

  /** A fault of the client itself stops no cell, and nothing that is told after it. */
  function tell(what: (loaded: Language) => void, failed = logFailure): void {
    if (fault) return failed(fault.error);
    if (!language) return void waiting.push({ what, failed });
    try {
      what(language);
    } catch (error) {
      failed(error);
    }
  }

  function logFailure(error: unknown): void {
    options.log(`types: ${String(error)}`);
  }

  async function ask<T>(question: (loaded: Language) => Promise<T>): Promise<T | undefined> {
    const late = Promise.withResolvers<undefined>();
    const timer = setTimeout(() => late.resolve(undefined), warm ? answerMs : coldMs);
    const answer = load().then(question);
    answer.then(becomeWarm, () => {}); // a failure is told below
    try {
      return await Promise.race([answer, late.promise]);
    } catch (error) {
      logFailure(error);
      return undefined;
    } finally {
      clearTimeout(timer);
    }
  }

  function becomeWarm(): void {
    warm = true;
  }

  return {
    begin(source, check) {
      const { promise, resolve, reject } = Promise.withResolvers<readonly Problem[]>();
      promise.catch(() => {}); // whoever asks is told
      let cell: CheckedCell | undefined;
      tell((loaded) => {
        cell = loaded.begin(source, check);
        if (check) cell.problems.then(becomeWarm, () => {});
        // With the session's end nobody asks any longer.
        cell.problems.then(resolve, (error: unknown) => (ended ? resolve([]) : reject(error)));
      }, reject);
      return { problems: promise, end: (end) => tell((loaded) => cell && loaded.end(cell, end)) };
    },
    start: () => void load().catch(logFailure),
    forget: () => tell((loaded) => loaded.forget()),
    complete: (...question) => ask((loaded) => loaded.complete(...question)),
    describe: (...question) => ask((loaded) => loaded.describe(...question)),
    [Symbol.dispose]() {
      ended = true;
      language?.[Symbol.dispose]();
    },
  };
}
