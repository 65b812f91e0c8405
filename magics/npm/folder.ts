import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { isBuiltin } from "node:module";
import { MagicError } from "../magic.ts";
import { pathError } from "../paths.ts";

/** What we read of a `package.json`. */
export interface PackageJson {
  readonly name?: string;
  readonly version?: string;
  readonly types?: string;
  readonly typings?: string;
  readonly main?: string;
  readonly exports?: unknown;
  readonly engines?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly overrides?: Readonly<Record<string, unknown>>;
}

/** The `package.json` of a folder that has none. */
export const newPackage: PackageJson & { readonly private: boolean; readonly type: string } = {
  private: true,
  type: "module",
};

/** The nearest folder with a `package.json`, from the notebook's upwards. */
export function packageFolder(from: string): string | undefined {
  for (let folder = from; ; folder = dirname(folder)) {
    const found = ownPackage(folder);
    if (found !== undefined || folder === dirname(folder)) return found;
  }
}

/** The folder itself, if it has a `package.json`. */
function ownPackage(folder: string): string | undefined {
  return existsSync(join(folder, "package.json")) ? folder : undefined;
}

/** Reads a folder's `package.json`; an empty one where there is none. */
export async function readPackage(folder: string): Promise<PackageJson> {
  const path = join(folder, "package.json");
  const text = await readIfThere(path);
  if (text === undefined) return {};
  try {
    return JSON.parse(text.replace(/^\uFEFF/, "")) as PackageJson;
  } catch (error) {
    throw new MagicError("npm", `${path} is no valid JSON, mend it first: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

/** Writes a folder's `package.json`. */
export async function writePackage(folder: string, content: PackageJson): Promise<void> {
  await writeText(join(folder, "package.json"), `${JSON.stringify(content, undefined, 2)}\n`);
}

/** Returns a package as it is installed for a folder: in its `node_modules`, or in one above. */
export async function findInstalled(
  name: string,
  folder: string,
): Promise<{ readonly path: string; readonly content: PackageJson } | undefined> {
  for (let at = folder; ; at = dirname(at)) {
    const path = join(at, "node_modules", name);
    if (existsSync(join(path, "package.json"))) return { path, content: await readPackage(path) };
    if (at === dirname(at)) return undefined;
  }
}

/** Texts of files, undefined where there was none. */
export type Texts = ReadonlyMap<string, string | undefined>;

/** Reads files that may be missing. */
export async function readTexts(paths: readonly string[]): Promise<Texts> {
  return new Map(await Promise.all(paths.map(async (path) => [path, await readIfThere(path)] as const)));
}

/** Gives files the texts they had. */
export async function restoreTexts(texts: Texts): Promise<void> {
  for (const [path, text] of texts) {
    if ((await readIfThere(path)) === text) continue;
    if (text === undefined) await rm(path, { force: true });
    else await writeText(path, text);
  }
}

/** The name of the package in an import or in what `npm add` takes; undefined for a path, an address or a built-in. */
export function nameOfPackage(specifier: string): string | undefined {
  const [, name] = /^((?:@[\w.~-]+\/)?[\w~-][\w.~-]*)(?:[@/].*)?$/.exec(specifier) ?? [];
  return name === undefined || isBuiltin(name) || /\.tgz$|\.tar\.gz$/.test(specifier) ? undefined : name;
}

/** Codes of system errors for what a person may not do. */
export const noRights: readonly string[] = ["EACCES", "EPERM", "EROFS"];

/** Says what to do about a folder in which nothing can be written. */
export function noPermission(folder: string): string {
  return `no permission to write in ${folder}; copy the notebook to a folder of yours, or have the folder's rights changed`;
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes((error as NodeJS.ErrnoException).code ?? "")) return undefined;
    throw pathError("npm", path, error);
  }
}

async function writeText(path: string, text: string): Promise<void> {
  try {
    // Nobody, such as another cell's import, must find it half-written.
    const draft = `${path}.${randomUUID()}`;
    await writeFile(draft, text);
    await rename(draft, path);
  } catch (error) {
    if (!noRights.includes((error as NodeJS.ErrnoException).code ?? "")) throw pathError("npm", path, error);
    throw new MagicError("npm", noPermission(dirname(path)), { cause: error, name: "PackageError" });
  }
}
