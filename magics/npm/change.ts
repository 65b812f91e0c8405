import { join } from "node:path";
import { untilAborted } from "../abort.ts";
import { MagicError, type MagicContext } from "../magic.ts";
import { describeEnd, runProcess } from "../process.ts";
import { findNpm, npmEnvironment } from "./command.ts";
import { explainFailure } from "./failure.ts";
import { newPackage, type PackageJson, readPackage, readTexts, restoreTexts, writePackage } from "./folder.ts";
import type { Import } from "./imports.ts";
import type { InstallLog } from "./progress.ts";
import { listInstalled, undoInstall } from "./undo.ts";

/** A command of npm that changes a folder's packages. */
export interface Change {
  /** The arguments of npm. */
  readonly words: readonly string[];
  readonly folder: string;
  /** Where the packages are imported, if the words do not name them. */
  readonly imports?: readonly Import[];
  /** What the `package.json` must say before, which may be new; undefined where it needs no change. */
  edit?(content: PackageJson): PackageJson | undefined;
}

/**
 * Runs npm, its log moving a progress bar, and returns what it printed on stdout. Where npm fails or the cell is interrupted, the
 * folder is as it was before. Changes of one folder take turns.
 */
export async function changePackages(change: Change, context: MagicContext, log: InstallLog): Promise<string> {
  const before = busy.get(change.folder) ?? Promise.resolve();
  const end = Promise.withResolvers<void>();
  busy.set(
    change.folder,
    before.then(() => end.promise),
  );
  let cleaning: Promise<void> | undefined;
  try {
    await untilAborted(context.signal, before);
    return await runChange(change, context, log, (removal) => void (cleaning = removal));
  } finally {
    // What takes long to remove is out of the way already; only the next change waits for it.
    void Promise.allSettled([cleaning]).then(() => end.resolve());
  }
}

const busy = new Map<string, Promise<void>>();

async function runChange(
  { words, folder, imports = [], edit }: Change,
  { output, signal }: MagicContext,
  log: InstallLog,
  clean: (removal: Promise<void>) => void,
): Promise<string> {
  const { program, before } = findNpm(process.env);
  const files = ["package.json", "package-lock.json", join("node_modules", ".package-lock.json")];
  const texts = await readTexts(files.map((file) => join(folder, file)));
  const installed = listInstalled(folder);
  const content = await readPackage(folder);
  const base = Object.keys(content).length > 0 ? content : newPackage;
  const edited = edit?.(base) ?? base;
  if (edited !== content) await writePackage(folder, edited);
  const manifest = join(folder, "package.json");
  const atStart = (await readTexts([manifest])).get(manifest);
  let stdout = "";
  try {
    const ended = await runProcess(program, [...before, ...words], {
      cwd: folder,
      env: { ...npmEnvironment(process.env), npm_config_loglevel: "silly", npm_config_progress: "false" },
      signal,
      onOutput: (name, text) => {
        if (name === "stderr") log.take(text);
        else stdout += text;
      },
    });
    if (ended.code !== 0) {
      const stderr = log.said;
      const explained = await explainFailure({ words, imports, stderr, folder, signal });
      if (!explained) output.stream("stderr", stderr);
      throw (
        explained ?? npmError(`${describeEnd(ended)}: npm ${words.join(" ")}`, { code: ended.code, stdout, stderr })
      );
    }
    return stdout;
  } catch (error) {
    // npm takes back what it did when it fails, but not when it is killed; at its very end it has written package.json.
    const now = (await readTexts([manifest])).get(manifest);
    const finished = now !== atStart && isJson(now);
    if (finished) output.stream("stderr", `npm ${words.join(" ")} was finished already.\n`);
    else {
      if (signal.aborted) clean(undoInstall(folder, installed));
      await restoreTexts(texts);
    }
    throw error;
  }
}

function isJson(text: string | undefined): boolean {
  try {
    return text !== undefined && JSON.parse(text) !== undefined;
  } catch {
    return false;
  }
}

function npmError(message: string, details: { code: number | null; stdout: string; stderr: string }): MagicError {
  return Object.assign(new MagicError("npm", message, { name: "ShellError" }), details);
}
