import { setImmediate } from "node:timers/promises";
import type { CellEnd } from "../language/declarations.ts";
import type { CheckedCell, Language, LanguageOptions } from "../language/language.ts";
import type { Problem } from "../language/problems.ts";
import { type WaitingCell, createWaitingCells } from "./waiting-cells.ts";

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

// What has run before the client was there is told to it in such slices.
const sliceMs = 10;

interface Run {
  readonly source: string;
  readonly check: boolean;
  readonly resolve: (problems: readonly Problem[]) => void;
  readonly reject: (error: unknown) => void;
  /** As the client knows it. */
  cell: CheckedCell | undefined;
}

/** Creates the types of a notebook without cells. */
export function createNotebookTypes(options: LanguageOptions): NotebookTypes {
  let loading: Promise<Language> | undefined;
  let client: Language | undefined;
  /** The client once it knows what has run before it was there. */
  let language: Language | undefined;
  /** Why there is no client, and will be none. */
  let fault: { readonly error: unknown } | undefined;
  let ended = false;
  let warm = false;
  const waiting = createWaitingCells<Run>();
  /** Cells that run now, of which there is no client to know. */
  const running = new Set<Run>();

  function load(): Promise<Language> {
    if (loading) return loading;
    loading = open();
    loading.catch((error: unknown) => {
      fault = { error };
      for (let cell = waiting.next(); cell; cell = waiting.next()) if (cell !== "forget") cell.checked?.reject(error);
      for (const run of running) run.reject(error);
      running.clear();
    });
    return loading;
  }

  async function open(): Promise<Language> {
    const { createLanguage } = await import("../language/language.ts");
    const opened = createLanguage(options);
    client = opened;
    if (ended) opened[Symbol.dispose]();
    // In slices: the loop answers heartbeats meanwhile.
    for (let until = performance.now() + sliceMs, cell = waiting.next(); cell; cell = waiting.next()) {
      const next = cell;
      attempt(() => recall(opened, next));
      if (performance.now() < until) continue;
      await setImmediate();
      until = performance.now() + sliceMs;
    }
    for (const run of running) start(opened, run);
    running.clear();
    language = opened;
    return opened;
  }

  function recall(opened: Language, cell: WaitingCell<Run> | "forget"): void {
    if (cell === "forget") return opened.forget();
    const { source, end, checked } = cell;
    if (!checked) return opened.recall(source, end);
    start(opened, checked);
    if (checked.cell) opened.end(checked.cell, end);
  }

  function start(opened: Language, run: Run): void {
    try {
      run.cell = opened.begin(run.source, run.check);
      if (run.check) run.cell.problems.then(becomeWarm, () => {});
      // With the session's end nobody asks any longer.
      run.cell.problems.then(run.resolve, (error: unknown) => (ended ? run.resolve([]) : run.reject(error)));
    } catch (error) {
      run.reject(error);
    }
  }

  /** A fault of the client itself stops no cell, and nothing that is told after it. */
  function attempt(what: () => void): void {
    try {
      what();
    } catch (error) {
      logFailure(error);
    }
  }

  function finish(run: Run, end: CellEnd): void {
    const { cell, source, check } = run;
    if (language && cell) attempt(() => language?.end(cell, end));
    else if (running.delete(run)) waiting.add({ source, end, checked: check ? run : undefined });
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
      const run: Run = { source, check, resolve, reject, cell: undefined };
      if (fault) reject(fault.error);
      else if (language) start(language, run);
      else running.add(run);
      return { problems: promise, end: (end) => finish(run, end) };
    },
    start: () => void load().catch(logFailure),
    forget() {
      if (language) attempt(() => language?.forget());
      else if (!fault) waiting.forget();
    },
    complete: (...question) => ask((loaded) => loaded.complete(...question)),
    describe: (...question) => ask((loaded) => loaded.describe(...question)),
    [Symbol.dispose]() {
      ended = true;
      client?.[Symbol.dispose]();
    },
  };
}
