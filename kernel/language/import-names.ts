import { join } from "node:path";
import { baseName, importable } from "./imports.ts";
import { roots } from "./project.ts";
import type { CompletionResult } from "./protocol.ts";
import type { LanguageServer } from "./server.ts";

/** A name that a module exports. */
export interface ImportName {
  readonly name: string;
  readonly module: string;
  /** The module itself, under its own name. */
  readonly isDefault: boolean;
  /** The protocol's number of its kind. */
  readonly kind: number | undefined;
}

/** The names that cells of a folder can import. */
export interface ImportNames {
  /** Those that begin with a text; what is not known in time comes with a later question. */
  startingWith(prefix: string): Promise<readonly ImportName[]>;
  /** Packages or modules beside the notebook have changed. */
  forget(): void;
}

const answerMs = 500;
const mostNames = 50;
const mostOfOneName = 3;

/** Creates the list of what can be imported; the server is asked when it is first needed. */
export function createImportNames(server: LanguageServer, folder: string): ImportNames {
  let reading: Promise<readonly ImportName[]> | undefined;

  async function read(): Promise<readonly ImportName[]> {
    const modules = importable(folder);
    const path = join(folder, roots.probe);
    server.set(path, modules.map((module) => `import {  } from ${JSON.stringify(module)};\n`).join(""));
    // Asked before the document changes again: the server answers about what it was.
    const answers = modules.map((module, line) =>
      server
        .ask<CompletionResult>("textDocument/completion", path, { position: { line, character: 9 } })
        .then((found) => namesIn(found, module)),
    );
    server.set(path, "export {};");
    const { pid } = server;
    const found = (await Promise.all(answers)).flat();
    // Another server was asked about the document as it is now.
    return server.pid === pid ? found : [];
  }

  /** Reads the names; where that fails, or tells nothing, the next question tries again. */
  function readOnce(): Promise<readonly ImportName[]> {
    const own = read();
    const forget = (): void => {
      if (reading === own) reading = undefined;
    };
    own.then((names) => names.length === 0 && forget(), forget); // a failure is told to whoever asks
    return own;
  }

  return {
    async startingWith(prefix) {
      const asked = (reading ??= readOnce());
      const late = Promise.withResolvers<readonly ImportName[]>();
      const timer = setTimeout(late.resolve, answerMs, []);
      try {
        return choose(await Promise.race([asked, late.promise]), prefix);
      } finally {
        clearTimeout(timer);
      }
    },
    forget() {
      reading = undefined;
    },
  };
}

function namesIn(found: CompletionResult, module: string): ImportName[] {
  const items = found === null ? [] : "items" in found ? found.items : found;
  const [keyword, itself] = [14, 9];
  const own = baseName(module);
  // Node's own modules all have a default, which the types of most do not say.
  const hasDefault = module.startsWith("node:") || items.some(({ label }) => label === "default");
  return [
    ...(hasDefault && own !== undefined && /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(own)
      ? [{ name: own, module, kind: itself, isDefault: true }]
      : []),
    ...items
      .filter(({ kind, label }) => kind !== keyword && label !== "default" && !label.startsWith("_"))
      .map(({ label, kind }) => ({ name: label, module, kind, isDefault: false })),
  ];
}

/** The first few modules of each name, in the order in which modules fit a cell. */
function choose(names: readonly ImportName[], prefix: string): readonly ImportName[] {
  const seen = new Map<string, number>();
  const fitting = names.filter(({ name }) => {
    if (!name.startsWith(prefix)) return false;
    const count = (seen.get(name) ?? 0) + 1;
    seen.set(name, count);
    return count <= mostOfOneName;
  });
  return fitting.toSorted((a, b) => a.name.length - b.name.length || (a.name < b.name ? -1 : 1)).slice(0, mostNames);
}
