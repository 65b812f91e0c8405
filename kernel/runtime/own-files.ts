import { existsSync } from "node:fs";
import { dirname, join, sep } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

function findPackageFolder(from: string): string {
  const above = dirname(from);
  return existsSync(join(from, "package.json")) || above === from ? from : findPackageFolder(above);
}

/** Folder of Typhoon's own package, from the sources as from the built files. */
export const packageFolder: string = findPackageFolder(dirname(fileURLToPath(import.meta.url)));

// Not the whole package: in a clone, the book's notebooks and their modules live in it too.
const ownFolders = ["kernel", "magics", "display", "dist"].map((name) => join(packageFolder, name) + sep);
const ownUrls = ownFolders.map((folder) => pathToFileURL(folder).href);

/** Says whether a file (path or file URL) is Typhoon's own code rather than the user's or a package's. */
export function isOwnFile(file: string): boolean {
  return (file.startsWith("file:") ? ownUrls : ownFolders).some((folder) => file.startsWith(folder));
}

/** Says whether a file (path or file URL) belongs to an installed package. */
export function isPackageFile(file: string): boolean {
  return /[\\/]node_modules[\\/]/.test(file);
}
