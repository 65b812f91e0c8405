import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import type { Scopes } from "./scope.ts";
import { alert, confirm, input, prompt } from "./stdin.ts";

/** What the package's own module gives to every cell without an import. */
const apiNames = ["display", "plot", "progress", "sh", "sql"] as const;

/** Gives every cell its globals. The package's API is loaded when one of its names is first used; `loading` says so. */
export function provideGlobals(
  scopes: Scopes,
  api: URL,
  require: NodeJS.Require,
  folder: string,
  loading: Int32Array,
): void {
  const ownRequire = createRequire(import.meta.url);
  const load = (): Record<string, unknown> => {
    Atomics.store(loading, 0, 1);
    try {
      return ownRequire(fileURLToPath(api)) as Record<string, unknown>;
    } finally {
      Atomics.store(loading, 0, 0);
    }
  };
  for (const name of apiNames) scopes.provide(name, () => load()[name]);
  scopes.provide("input", () => input);
  scopes.provide("require", () => require);
  scopes.provide("__dirname", () => folder);
  scopes.provide("__filename", () => `${folder}/notebook.ts`);
  // The browser's blocking questions: global, so that imported modules see them too.
  for (const [name, value] of Object.entries({ alert, confirm, prompt })) {
    Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
  }
}
