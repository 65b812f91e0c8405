import type { ChildProcess } from "node:child_process";
import { setImmediate } from "node:timers/promises";
import type { MagicsInfo } from "../cell/options.ts";
import type { Contents, LanguageInfo } from "../protocol/contents.ts";
import { type Header, protocolVersion } from "../protocol/message.ts";
import {
  type LiveCompletions,
  type LiveInspection,
  awaitAnswers,
  awaitCompletions,
  mergeCompletions,
  mergeInspections,
} from "./answers.ts";
import { type CellToCheck, createCellChecks } from "./cell-check.ts";
import { toCodePoints, toOffset } from "./code-points.ts";
import { type CommDelivery, type ExecutorEvents, type Publish, createExecutor } from "./executor.ts";
import { createDebugRequests } from "./debug-requests.ts";
import { addTypes, describeAt } from "./help.ts";
import { placeOf } from "./cell-place.ts";
import type { History } from "./history.ts";
import { createNotebookTypes } from "./notebook-types.ts";
import { type Shell, type Shells, createShells } from "./shells.ts";
import type { RuntimeOptions } from "./spawn-runtime.ts";

/** What a session needs from the kernel around it. */
export interface SessionOptions {
  readonly version: string;
  /** Version of TypeScript that the language of cells follows. */
  readonly typescript: string;
  readonly runtime: RuntimeOptions;
  /** The first runtime process, spawned before this module was loaded. */
  readonly firstRuntime?: ChildProcess;
  /** The notebook's folder. */
  readonly folder: string;
  readonly magics: MagicsInfo;
  /** File of the history; `:memory:` for none. */
  readonly historyPath: string;
  readonly publish: Publish;
  readonly ask: ExecutorEvents["ask"];
  readonly room: ExecutorEvents["room"];
  readonly secrets: Secrets;
  log(line: string): void;
}

/** What is to be seen nowhere, and so is not stored either. */
export interface Secrets {
  /** False where all forms of the secret were known. */
  add(forms: readonly string[]): boolean;
  /** Takes secrets, and the passwords of URLs, out of a text. */
  scrub(text: string): string;
}

/** One notebook's kernel session: the answers to requests, free of sockets. */
export interface Session extends AsyncDisposable {
  readonly shells: Shells;
  /** Runs a cell of a shell, at once. Where it fails, the cells that are queued behind it are aborted. */
  execute(
    content: Contents["execute_request"],
    header: Header,
    shell: Shell,
    metadata?: Readonly<Record<string, unknown>>,
  ): Promise<Contents["execute_reply"]>;
  /** Ends a subshell: queued cells are aborted, a running one is interrupted. Resolves when that has ended. */
  deleteSubshell(id: string): Promise<void>;
  /** Resolves when a cell that was answered has been told all that its client waits for. */
  told(header: Header, shell: Shell): Promise<void>;
  interrupt(): void;
  /**
   * Gives a message to its comm's handlers and resolves when they have ended. The opening of a comm whose target is not
   * known waits for the cells that came before it.
   */
  comm(message: CommDelivery, header: Header): Promise<void>;
  commInfo(content: Contents["comm_info_request"]): Promise<Contents["comm_info_reply"]>;
  complete(content: Contents["complete_request"]): Promise<Contents["complete_reply"]>;
  inspect(content: Contents["inspect_request"]): Promise<Contents["inspect_reply"]>;
  isComplete(content: Contents["is_complete_request"]): Promise<Contents["is_complete_reply"]>;
  history(content: Contents["history_request"]): Promise<Contents["history_reply"]>;
  /** Shows variables; there is no debugger. */
  debug(content: Contents["debug_request"], header: Header): Promise<Contents["debug_reply"]>;
  info(): Contents["kernel_info_reply"];
}

/** A request for a subshell that does not exist, or no longer. */
export class UnknownSubshell extends Error {
  override readonly name = "UnknownSubshell";
  constructor(id: unknown) {
    super(`there is no subshell ${JSON.stringify(id)}: it was deleted, or belongs to a kernel that was restarted`);
  }
}

/** Creates a session and starts its runtime process. */
export function createSession(options: SessionOptions): Session {
  let count = 0;
  let unstored = 0;
  let lastHeader: Header | undefined;
  // Comms whose opening waits for its target: what is sent to them waits with it.
  const opening = new Map<string, Promise<unknown>>();
  const shells = createShells((error) => options.log(`a fault of the kernel itself: ${describe(error)}`));
  let history: Promise<History> | undefined;

  const types = createNotebookTypes({
    folder: options.folder,
    magics: options.magics,
    log: options.log,
    note: (text) => checks.note(text, lastHeader),
  });
  const checks = createCellChecks(types, options.publish, options.log);
  const mode = (): "off" | "warn" | "block" => options.runtime.settings.get("typecheck");

  const executor = createExecutor(
    options.runtime,
    {
      publish: options.publish,
      ask: options.ask,
      room: options.room,
      readHistory: async (limit) => (await openLater()).recent(limit),
      log: options.log,
      lost: () => types.forget(),
      secret(forms) {
        if (options.secrets.add(forms)) redact();
      },
    },
    options.firstRuntime,
  );

  // node:sqlite is loaded when first used, after the first reply; a history that cannot be opened is no reason to fail.
  function openLater(): Promise<History> {
    history ??= import("./history.ts").then(({ openHistory }) => {
      try {
        return openHistory(options.historyPath);
      } catch (error) {
        options.log(`history is kept for this session only: ${String(error)}`);
        return openHistory(":memory:");
      }
    });
    return history;
  }

  /** Takes a secret out of the cells that were kept before it was known as one. */
  function redact(): void {
    history
      ?.then((opened) => opened.redact((text) => options.secrets.scrub(text)))
      .catch((error: unknown) => options.log(`could not take a secret out of the history: ${String(error)}`));
  }

  function keep(at: number, code: string, output: string | undefined): void {
    const { scrub } = options.secrets;
    openLater()
      .then((opened) => opened.add(at, scrub(code), output === undefined ? undefined : scrub(output)))
      .catch((error: unknown) => options.log(`could not keep a cell in the history: ${String(error)}`));
  }

  async function run(
    content: Contents["execute_request"],
    header: Header,
    shell: Shell,
    metadata: Readonly<Record<string, unknown>> = {},
  ): Promise<Contents["execute_reply"]> {
    const { code, silent = false, store_history: store = !silent, stop_on_error: stop = true } = content;
    const stored = store && !silent;
    if (stored) count += 1;
    const at = count;
    const name = stored ? `In[${at}]` : `Silent[${(unstored += 1)}]`;
    if (!silent) options.publish("execute_input", { code, execution_count: at }, header);
    const checked = stored ? mode() : "off";
    if (!silent) lastHeader = header;
    const begin = (): CellToCheck => ({
      typed: types.begin(code, checked !== "off"),
      code,
      name,
      header,
      isProgram: content.allow_stdin === false,
    });
    const first = checked === "block" ? begin() : undefined;
    const refusal = first && (await checks.refuse(first));
    if (refusal) {
      keep(at, code, undefined);
      if (stop) shell.abortQueued();
      return { status: "error", ...refusal, execution_count: at };
    }
    const execution = { header, content, name, count: at, shell: shell.id, place: placeOf(metadata) };
    const running = executor.run(execution);
    const cell = first ?? begin(); // the runtime has begun already
    if (checked === "warn") checks.warn(cell);
    const { error, payload, userExpressions, result, names } = await running;
    cell.typed.end({
      outcome: error === undefined ? "ok" : "failed",
      cleared: false,
      declared: [],
      ...names,
      cell: name,
    });
    // After the reply: what is loaded then delays nobody.
    if (checked === "warn") setTimeout(() => types.start(), 0);
    if (stored) keep(at, code, result);
    if (error === undefined) {
      const pages = await addTypes(payload, code, options.magics, types.describe);
      return { status: "ok", execution_count: at, payload: pages, user_expressions: { ...userExpressions } };
    }
    if (stop) {
      // Requests that reached the socket before the failure are read first, so that they count as queued before it.
      for (let turn = 0; turn < 2; turn += 1) await setImmediate();
      shell.abortQueued();
    }
    return { status: "error", ...error, execution_count: at };
  }

  /** Waits until it is known whether a comm of this target can be opened: the cells before it may register the target. */
  async function admit({ id, target }: CommDelivery): Promise<void> {
    const { comms } = executor;
    if (!comms.hasTarget(target)) {
      const known = Promise.withResolvers<void>();
      const off = comms.onTarget(target, known.resolve);
      await Promise.race([shells.ended(), known.promise]);
      off(); // or each unknown target would leave something behind
    }
    if (comms.hasTarget(target)) comms.add(id, target);
    opening.delete(id);
  }

  async function comm(message: CommDelivery, header: Header): Promise<void> {
    const { kind, id, target } = message;
    if (kind === "comm_open") {
      // Not closed, as for an unknown target: that would close the comm that is open.
      if (executor.comms.has(id) || opening.has(id)) return options.log(`a comm with the id ${id} is open already`);
      opening.set(id, admit(message));
    }
    await opening.get(id);
    if (!executor.comms.has(id)) {
      options.log(kind === "comm_open" ? `no comm target ${target}` : `${kind} for a comm that is not open: ${id}`);
      // "Opening a Comm": an unknown target is told by closing the comm.
      if (kind === "comm_open") options.publish("comm_close", { comm_id: id, data: {} }, header);
      return;
    }
    if (kind === "comm_close") executor.comms.remove(id);
    const { error } = await executor.deliver(header, message);
    if (error) options.log(`a handler of comm ${id} failed: ${error.ename}: ${error.evalue}`);
  }

  return {
    shells,
    execute: run,
    async deleteSubshell(id) {
      const shell = shells.remove(id);
      if (!shell) throw new UnknownSubshell(id);
      shell.abortQueued();
      executor.cancel(id);
      await shell.ended();
    },
    told: checks.told,
    interrupt() {
      checks.interrupt();
      executor.interrupt();
    },
    comm,
    commInfo: async ({ target_name: target }) => ({ status: "ok", comms: executor.comms.info(target ?? undefined) }),
    async complete({ code, cursor_pos: asked }) {
      const position = asked ?? toCodePoints(code, code.length); // some clients leave it out
      const offset = toOffset(code, position);
      const askLive = () => executor.runtime.ask({ type: "complete", code, offset, detail: 0 });
      const answers = awaitCompletions(
        code.slice(0, offset),
        types.complete(code, offset),
        askLive as () => Promise<LiveCompletions | undefined>,
      );
      return mergeCompletions(code, position, ...(await answers));
    },
    async inspect({ code, cursor_pos: position, detail_level: detail = 0 }) {
      const offset = position === undefined ? code.length : toOffset(code, position);
      const live = executor.runtime.ask({ type: "inspect", code, offset, detail });
      const typed = describeAt(types.describe, code, offset, detail);
      const [known, value] = await awaitAnswers(typed, live as Promise<LiveInspection | undefined>);
      return mergeInspections(known, value, detail);
    },
    async isComplete({ code }) {
      const { isComplete } = await import("../cell/is-complete.ts");
      return isComplete(code);
    },
    debug: createDebugRequests(executor),
    async history(content) {
      return { status: "ok", history: (await openLater()).query(content) };
    },
    info: () => ({
      status: "ok",
      protocol_version: protocolVersion,
      implementation: "typhoon",
      implementation_version: options.version,
      language_info: { ...languageInfo, version: options.typescript },
      banner: `Typhoon ${options.version}: TypeScript on Node.js ${process.version}`,
      debugger: false,
      help_links: [
        { text: "TypeScript handbook", url: "https://www.typescriptlang.org/docs/handbook/" },
        { text: "Node.js API", url: "https://nodejs.org/api/" },
      ],
      supported_features: ["kernel subshells"],
    }),
    async [Symbol.asyncDispose]() {
      types[Symbol.dispose]();
      await executor[Symbol.asyncDispose]();
      (await history)?.[Symbol.dispose]();
    },
  };
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

const languageInfo: Omit<LanguageInfo, "version"> = {
  name: "typescript",
  mimetype: "text/typescript",
  file_extension: ".ts",
  pygments_lexer: "typescript",
  codemirror_mode: { name: "javascript", typescript: true },
  nbconvert_exporter: "script",
};
