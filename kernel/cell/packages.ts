import { dirname } from "node:path";

/** The name of the package that a bare specifier asks for, `@scope/name` or `name`. */
export function packageName(specifier: string): string {
  return specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/");
}

/** A folder and those above it, in which Node looks for `node_modules`, the nearest first. */
export function foldersUp(folder: string): string[] {
  const parent = dirname(folder);
  return parent === folder ? [folder] : [folder, ...foldersUp(parent)];
}
