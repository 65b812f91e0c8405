import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import vm from "node:vm";
import { type Modules, createCellRequire, installModules } from "../../kernel/runtime/modules.ts";
import { packageFolder } from "../../kernel/runtime/own-files.ts";

/** A folder with files, and cells that run in it as the runtime runs them. */
export interface NotebookFolder {
  readonly path: string;
  readonly modules: Modules;
  write(files: Record<string, string>): void;
  /** Runs JavaScript as the body of a cell and returns what it returns. */
  cell(code: string): Promise<unknown>;
  [Symbol.dispose](): void;
}

/** The URL that `typhoon-kernel` has in these tests. */
export const api: string = pathToFileURL(join(packageFolder, "magics/magic.ts")).href;

export function createNotebookFolder(files: Record<string, string> = {}): NotebookFolder {
  const path = realpathSync(mkdtempSync(join(tmpdir(), "typhoon-modules-")));
  const modules = installModules({ folder: path, own: { "typhoon-kernel": api }, shipped: ["apache-arrow"] });
  const require = createCellRequire(path);
  let count = 0;

  function write(more: Record<string, string>): void {
    for (const [name, text] of Object.entries(more)) {
      mkdirSync(dirname(join(path, name)), { recursive: true });
      writeFileSync(join(path, name), text);
    }
  }

  write(files);
  return {
    path,
    modules,
    write,
    async cell(code) {
      count += 1;
      modules.startCell();
      const script = new vm.Script(`(async (require) => {${code}\n})`, {
        filename: join(path, `In[${count}].ts`),
        importModuleDynamically: vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
      });
      const run = script.runInThisContext() as (require: NodeJS.Require) => Promise<unknown>;
      try {
        const value = await run(require);
        modules.endCell(false);
        return value;
      } catch (error) {
        modules.endCell(true);
        throw error;
      }
    },
    [Symbol.dispose]() {
      modules[Symbol.dispose]();
      rmSync(path, { recursive: true, force: true });
    },
  };
}
