import vm from "node:vm";
import type { MimeBundle } from "../../display/mimebundle.ts";
import type { Output } from "../../display/output.ts";
import { createSettings } from "../../kernel/settings.ts";
import type { Captured, HistoryEntry, MagicCall, MagicContext, Template } from "../../magics/magic.ts";

/** A notebook for tests: it runs JavaScript, keeps names and remembers what was printed and shown. */
export interface TestNotebook {
  readonly context: MagicContext;
  readonly shown: MimeBundle[];
  readonly nextInputs: { text: string; replace: boolean }[];
  printed(name?: "stdout" | "stderr"): string;
  abort(): void;
}

/** What a test notebook starts with. */
export interface Setting {
  readonly folder?: string;
  readonly names?: Readonly<Record<string, unknown>>;
  readonly history?: readonly HistoryEntry[];
  /** The text of its cells as a module. */
  readonly module?: string;
  /** The person's answers; without them nobody can answer. */
  readonly answers?: readonly string[];
  /** Called at each printed text. */
  onPrint?(text: string): void;
}

/** Makes a notebook in which magics can be called. */
export function createNotebook(setting: Setting = {}): TestNotebook {
  const controller = new AbortController();
  const { signal } = controller;
  const scope = vm.createContext(Object.assign(Object.create(null), setting.names) as Record<string, unknown>);
  const answers = [...(setting.answers ?? [])];
  const nextInputs: TestNotebook["nextInputs"] = [];
  let record = createRecord();
  const output: Output = {
    signal,
    interactive: true,
    stream(name, text) {
      record[name] += text;
      setting.onPrint?.(text);
    },
    display: (bundle) => void record.outputs.push(bundle),
    clear: () => void (record = createRecord()),
  };
  const context: MagicContext = {
    output,
    signal,
    folder: setting.folder ?? process.cwd(),
    settings: createSettings({}),
    names: {
      get: (name) => scope[name],
      has: (name) => name in scope,
      set: (name, value) => void (scope[name] = value),
      entries: () => Object.entries(scope).map(([name, value]) => ({ name, kind: "const", value })),
      clear: () => Object.keys(scope).forEach((name) => delete scope[name]),
    },
    run: async (source, file) => vm.runInContext(source, scope, { filename: file }) as unknown,
    setNextInput: (text, replace) => void nextInputs.push({ text, replace }),
    async input() {
      const answer = answers.shift();
      if (answer === undefined) throw new Error("StdinNotAllowed");
      return answer;
    },
    async capture(code): Promise<Captured> {
      const outside = record;
      record = createRecord();
      try {
        const value = await code();
        return { ...record, value };
      } finally {
        record = outside;
      }
    },
    toModule: async (target) => ({
      text: setting.module ?? `// Exported from a test for ${target}\n`,
      notes: ["a note"],
      cells: 2,
    }),
    history: async (limit) => (setting.history ?? []).slice(-limit),
  };
  return {
    context,
    nextInputs,
    get shown() {
      return record.outputs;
    },
    printed: (name = "stdout") => record[name],
    abort: () => controller.abort(new DOMException("Interrupted", "AbortError")),
  };
}

interface Recorded {
  stdout: string;
  stderr: string;
  outputs: MimeBundle[];
}

function createRecord(): Recorded {
  return { stdout: "", stderr: "", outputs: [] };
}

/** Makes `%name line`; with values, a tagged template as in ``template`cd ${folder}` ``. */
export function lineCall(line: string | Template = "", more: Partial<MagicCall> = {}): MagicCall {
  return { form: "line", line: toTemplate(line), assigned: false, startLine: 1, ...more };
}

/** Makes `%%name line` with a body of text below it. */
export function cellCall(line: string, body: string, more: Partial<MagicCall> = {}): MagicCall {
  return { form: "cell", line: toTemplate(line), body: toTemplate(body), assigned: false, startLine: 2, ...more };
}

/** Makes `%name code`, or `%%name line` with code below it. */
export function codeCall(code: () => unknown, line = "", more: Partial<MagicCall> = {}): MagicCall {
  return {
    form: line ? "cell" : "line",
    line: toTemplate(line),
    code: async () => code(),
    source: String(code),
    assigned: false,
    startLine: 1,
    ...more,
  };
}

/** Makes a template of text and values. */
export function template(strings: TemplateStringsArray, ...values: unknown[]): Template {
  return { strings, values };
}

function toTemplate(line: string | Template): Template {
  return typeof line === "string" ? { strings: [line], values: [] } : line;
}
