import { basename, join } from "node:path";
import type { MagicContext } from "../magic.ts";
import { changePackages } from "./change.ts";
import { findInstalled, newPackage, type PackageJson, readPackage } from "./folder.ts";
import { findImports, importedNames } from "./imports.ts";
import { withOverrides } from "./overrides.ts";
import type { InstallLog } from "./progress.ts";
import { hasTypes, typesPackage } from "./types.ts";

/** Writes the environment of a folder's notebooks into its `package.json` and lock file; returns what the reader is told. */
export async function writeEnvironment(context: MagicContext, log: InstallLog): Promise<string> {
  const { folder } = context;
  const present = await readPackage(folder);
  const imports = await findImports(folder);
  const wanted = await findWanted(context, present, new Set(imports.map(({ name }) => name)));
  await changePackages(
    {
      words: ["install"],
      folder,
      imports,
      edit: (content) => {
        const complete = {
          name:
            basename(folder)
              .toLowerCase()
              .replaceAll(/[^a-z0-9~-]+/g, "-") || "notebooks",
          ...newPackage,
          ...content,
          engines: { node: `>=${process.versions.node.split(".")[0]}`, ...content.engines },
          ...(wanted.size > 0 && { dependencies: sorted({ ...Object.fromEntries(wanted), ...content.dependencies }) }),
        };
        return withOverrides(complete, [...wanted.keys()]) ?? complete;
      },
    },
    context,
    log,
  );
  const { dependencies = {}, engines } = await readPackage(folder);
  const lines = [
    `${join(folder, "package.json")}: Node ${engines?.["node"]}`,
    ...Object.entries(dependencies).map(([name, version]) => `  ${name} ${version}`),
    "With this file and package-lock.json, `npm install` (or `%npm install` in a cell) gives anyone the same packages.",
  ];
  return `${lines.join("\n")}\n`;
}

/** The packages that notebooks and this session's cells import and `package.json` does not name yet, with their versions. */
async function findWanted(
  { folder, history }: MagicContext,
  { dependencies, devDependencies }: PackageJson,
  written: ReadonlySet<string>,
): Promise<ReadonlyMap<string, string>> {
  const cells = await history(historyLimit);
  const run = cells.flatMap(({ source }) => importedNames(source));
  const wanted = new Map<string, string>();
  for (const name of new Set([...written, ...run])) {
    if (name in { ...dependencies, ...devDependencies }) continue;
    const installed = await findInstalled(name, folder);
    // A cell that failed may have named anything; a notebook's text is meant.
    if (!installed && !written.has(name)) continue;
    wanted.set(name, installed?.content.version ? `^${installed.content.version}` : "*");
    const types = installed && !hasTypes(installed.path, installed.content) ? typesPackage(name) : undefined;
    const typesInstalled = types === undefined ? undefined : await findInstalled(types, folder);
    if (types && typesInstalled?.content.version) wanted.set(types, `^${typesInstalled.content.version}`);
  }
  return wanted;
}

const historyLimit = 1000;

function sorted(record: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(record).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
