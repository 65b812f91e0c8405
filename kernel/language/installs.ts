import { findMagics } from "../cell/find-magics.ts";
import type { MagicsInfo } from "../cell/options.ts";

const installing = /^(?:add|i|in|ins|inst|insta?ll?)\s/;

/** Whether a cell's own `%npm add` installs a package: it is not there yet when the cell's types are checked. */
export function installs(source: string, magics: MagicsInfo): (name: string) => boolean {
  if (!source.includes("%npm")) return () => false;
  const lines = findMagics(source, magics).flatMap((use) =>
    use.type === "magic" && use.name === "npm" ? [source.slice(...use.line)] : [],
  );
  const words = lines.filter((line) => installing.test(line)).flatMap((line) => line.split(/\s+/).slice(1));
  const named = new Set(words.map((word) => word.replace(/(?<=.)@[^/]*$/, "")));
  // The package of a folder, an archive or a repository says its name itself.
  const isOpen = words.some((word) => !word.startsWith("-") && /[:$]|^[^@].*\/|^[./~]/.test(word));
  return (name) => isOpen || named.has(name);
}
