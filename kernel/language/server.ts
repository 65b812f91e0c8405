import { type ChildProcess, spawn } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { writeBareTsconfig } from "./project.ts";
import { type Rpc, RpcEnded, createRpc } from "./rpc.ts";

/** The TypeScript language server of one folder, with the documents that it is to know. */
export interface LanguageServer {
  /** Opens a document or changes its text, which the server is told with the next question; nothing is written to the disk. */
  set(path: string, text: string): void;
  /** Tells what has changed before the next question, which then need not wait until it is read. */
  tell(): void;
  /** Forgets a document. */
  close(path: string): void;
  /** The text of a document that was set. */
  textOf(path: string): string | undefined;
  /** Asks about a document, as it is now. */
  ask<T>(method: string, path: string, params?: object): Promise<T>;
  /** Says that files were changed on the disk. */
  changed(files: readonly FileChange[]): void;
  /** Ends the process; the next question starts another, which knows the same documents. */
  restart(): void;
  readonly pid: number | undefined;
  /** Ends the process for good. */
  stop(): void;
}

/** A file that was created, changed or deleted: 1, 2, 3, as the protocol counts. */
export interface FileChange {
  readonly path: string;
  readonly type: 1 | 2 | 3;
}

interface Running {
  readonly child: ChildProcess;
  readonly rpc: Rpc;
  readonly versions: Map<string, number>;
  /** Documents that have changed since the last question. */
  readonly unsent: Set<string>;
}

/** What a server needs to be started. */
export interface ServerOptions {
  readonly folder: string;
  log(line: string): void;
  /** Returns the path of the program, or throws where it is not installed. */
  readonly program?: () => string;
  /** A server that takes longer to answer is ended. */
  readonly answerMs?: number;
}

// A server that ends again and again is left alone: cells run without it.
const mostEnds = 4;
const endsWithinMs = 60_000;
// The types of megabytes of text take several seconds.
const longestAnswerMs = 30_000;
// More changed documents than these are told together.
const mostAlone = 8;

/** Creates the server of a folder; its process starts with the first question. */
export function createLanguageServer(options: ServerOptions): LanguageServer {
  const { folder, log, program = findServer, answerMs = longestAnswerMs } = options;
  const documents = new Map<string, string>();
  /** When it ended though nobody asked for that, and how at last. */
  let ends: number[] = [];
  let lastEnd = "";
  let running: Running | undefined;
  let stopped = false;

  function start(): Running {
    ends = ends.filter((at) => at > Date.now() - endsWithinMs);
    if (stopped) throw new Error("the kernel shuts down");
    if (ends.length > mostEnds) throw new Error(`the language server ends again and again: ${lastEnd}`);
    const file = program();
    // Without `detached` and with its stdin ours, it ends with the kernel, whatever ends that. The notebook's folder may be
    // gone, that of the program is there.
    const child = spawn(file, ["--lsp", "--stdio"], { cwd: dirname(file), stdio: ["pipe", "pipe", "ignore"] });
    const rpc = createRpc(child.stdout, child.stdin, (method, params) => {
      if (method !== "workspace/configuration") return null;
      return (params as { items: unknown[] }).items.map(() => configuration);
    });
    const started: Running = { child, rpc, versions: new Map(), unsent: new Set() };
    const ended = (why: string): void => {
      rpc.close(why);
      if (running !== started) return;
      running = undefined;
      if (!stopped) noteEnd(why);
    };
    child.on("error", (error) => ended(error.message));
    child.on("exit", (code, signal) => ended(signal ?? `code ${String(code)}`));
    child.stdin.on("error", () => {}); // its end is told by "exit"
    const root = uriOf(folder);
    void rpc
      .request("initialize", {
        processId: process.pid,
        rootUri: root,
        workspaceFolders: [{ uri: root, name: "notebook" }],
        capabilities,
      })
      .catch((error: unknown) => {
        if (running === started) log(String(error)); // otherwise its end is told
      });
    rpc.notify("initialized", {});
    running = started;
    // At each opening the server makes its program anew, so what takes long is added to it afterwards.
    const config = join(folder, "tsconfig.json");
    const files = [...documents.keys()].filter((path) => path !== config);
    write(started, config, writeBareTsconfig(files));
    for (const path of files) write(started, path, documents.get(path)!);
    write(started, config, documents.get(config) ?? "{}");
    return started;
  }

  /** Tells what has changed, each document by itself: of several at once the server would make its program anew. */
  function send(to: Running, isAsked: boolean): void {
    const paths = [...to.unsent];
    to.unsent.clear();
    for (const [index, path] of paths.entries()) {
      write(to, path, documents.get(path)!);
      if ((isAsked && index === paths.length - 1) || paths.length > mostAlone) continue;
      // The least question there is.
      to.rpc.request("textDocument/foldingRange", { textDocument: { uri: uriOf(path) } }).catch(() => {}); // an end is told
    }
  }

  async function askNow<T>(method: string, question: object): Promise<T> {
    const to = running ?? start();
    send(to, true);
    return await within(to, method, to.rpc.request<T>(method, question));
  }

  function write({ rpc, versions }: Running, path: string, text: string): void {
    const version = (versions.get(path) ?? 0) + 1;
    versions.set(path, version);
    const textDocument = { uri: uriOf(path), version };
    if (version > 1) rpc.notify("textDocument/didChange", { textDocument, contentChanges: [{ text }] });
    else rpc.notify("textDocument/didOpen", { textDocument: { ...textDocument, languageId: languageOf(path), text } });
  }

  function noteEnd(why: string): void {
    ends.push(Date.now());
    lastEnd = why;
    log(`the language server ended: ${why}`);
  }

  /** Waits for an answer; ends a server that gives none. */
  async function within<T>(server: Running, method: string, answer: Promise<T>): Promise<T> {
    let late: Error | undefined;
    const timer = setTimeout(() => {
      late = new Error(`the language server did not answer within ${answerMs / 1000} s`);
      if (running === server) running = undefined;
      noteEnd(`it did not answer ${method}`);
      server.rpc.close("it did not answer");
      server.child.kill("SIGKILL");
    }, answerMs);
    timer.unref();
    try {
      return await answer;
    } catch (error) {
      throw late ?? error;
    } finally {
      clearTimeout(timer);
    }
  }

  return {
    set(path, text) {
      if (documents.get(path) === text) return;
      documents.set(path, text);
      running?.unsent.add(path);
    },
    tell() {
      if (running) send(running, false);
    },
    close(path) {
      documents.delete(path);
      running?.unsent.delete(path);
      if (running?.versions.delete(path) !== true) return;
      running.rpc.notify("textDocument/didClose", { textDocument: { uri: uriOf(path) } });
    },
    async ask<T>(method: string, path: string, params: object = {}) {
      const question = { textDocument: { uri: uriOf(path) }, ...params };
      try {
        return await askNow<T>(method, question);
      } catch (error) {
        // One that ended meanwhile is asked again as the next; a second end is a failure.
        if (!(error instanceof RpcEnded) || stopped) throw error;
        return await askNow<T>(method, question);
      }
    },
    textOf: (path) => documents.get(path),
    changed(files) {
      const changes = files.map(({ path, type }) => ({ uri: uriOf(path), type }));
      if (changes.length > 0) running?.rpc.notify("workspace/didChangeWatchedFiles", { changes });
    },
    restart() {
      const old = running;
      running = undefined;
      old?.child.kill("SIGKILL");
    },
    get pid() {
      return running?.child.pid;
    },
    stop() {
      stopped = true;
      running?.child.kill("SIGKILL");
    },
  };
}

// Without a search for what could be imported: Jupyter can insert no import, and the search takes long after each cell.
// Local modules are completed with their extension, as Node wants them.
const configuration = {
  suggest: { autoImports: false },
  preferences: { importModuleSpecifierEnding: "js" },
  // By itself the server would install types of what is imported, by npm processes that outlive it.
  tsserver: { automaticTypeAcquisition: { enabled: false } },
};

const capabilities = {
  general: { positionEncodings: ["utf-16"] },
  workspace: { configuration: true },
  textDocument: {
    completion: { completionItem: { documentationFormat: ["markdown"], resolveSupport: { properties: ["detail"] } } },
    definition: { linkSupport: true },
    hover: { contentFormat: ["markdown"] },
    signatureHelp: { signatureInformation: { documentationFormat: ["markdown"] } },
    diagnostic: {},
  },
};

function uriOf(path: string): string {
  return pathToFileURL(path).href;
}

function languageOf(path: string): string {
  if (path.endsWith(".json")) return "jsonc";
  return path.endsWith(".tsx") ? "typescriptreact" : "typescript";
}

/** The compiler's own program: its Node launcher would be one process more, and one more to end. */
function findServer(): string {
  const platform = `${process.platform}-${process.arch}`;
  try {
    const typescript = createRequire(import.meta.url).resolve("typescript/package.json");
    const own = createRequire(typescript).resolve(`@typescript/typescript-${platform}/package.json`);
    return join(dirname(own), "lib", process.platform === "win32" ? "tsc.exe" : "tsc");
  } catch (error) {
    const what = `TypeScript 7 is not installed for ${platform}: install typhoon-kernel again, with optional packages`;
    throw new Error(what, { cause: error });
  }
}
