import type { MagicContext } from "../magic.ts";
import { changePackages } from "./change.ts";
import { refuseBuiltins } from "./failure.ts";
import { findInstalled, nameOfPackage, type PackageJson, readPackage } from "./folder.ts";
import { withOverrides } from "./overrides.ts";
import type { InstallLog } from "./progress.ts";
import { findTypes, hasTypes, typesPackage } from "./types.ts";

/** Installs packages for a folder, with their types, and returns what the reader is told. */
export async function addPackages(
  words: readonly string[],
  folder: string,
  context: MagicContext,
  log: InstallLog,
): Promise<string> {
  const asked = words.slice(1).filter((word) => !word.startsWith("-"));
  refuseBuiltins(asked);
  const before = await readPackage(folder);
  const names = asked.map((word) => nameOfPackage(word)).filter((name) => name !== undefined);
  let overridden: PackageJson | undefined;
  const said = await changePackages(
    {
      words,
      folder,
      edit: (content) => (overridden = withOverrides(content, names)),
    },
    context,
    log,
  );
  const after = await readPackage(folder);
  const added = [...new Set([...changedNames(before, after), ...names.filter((name) => name in listed(after))])];
  const lines = overridden ? [`package.json overrides what ${names.join(", ")} asks for: ${told(overridden)}`] : [];
  const types: string[] = [];
  for (const name of added) {
    const { line, wanted } = await describePackage(name, folder, context);
    lines.push(line);
    types.push(...wanted);
  }
  if (types.length > 0) await changePackages({ words: ["install", "--save-dev", ...types], folder }, context, log);
  return `${[said.trim(), ...lines].filter((line) => line !== "").join("\n")}\n`;
}

async function describePackage(
  name: string,
  folder: string,
  { signal }: MagicContext,
): Promise<{ readonly line: string; readonly wanted: readonly string[] }> {
  const installed = await findInstalled(name, folder);
  if (!installed) return { line: name, wanted: [] };
  const title = `${name} ${installed.content.version ?? ""}`.trim();
  if (name.startsWith("@types/") || hasTypes(installed.path, installed.content)) return { line: title, wanted: [] };
  const own = await findInstalled(typesPackage(name), folder);
  if (own) return { line: `${title}, with the types of ${typesPackage(name)}`, wanted: [] };
  const types = await findTypes(name, installed.content.version ?? "", folder, signal);
  if (types === "unknown") return { line: `${title}, without types: the registry did not answer`, wanted: [] };
  return types.spec === undefined
    ? { line: `${title}, without types: there is no ${typesPackage(name)}, so its values are \`any\``, wanted: [] }
    : { line: `${title}, with the types of ${types.spec}`, wanted: [types.spec] };
}

function listed({ dependencies, devDependencies }: PackageJson): Readonly<Record<string, string>> {
  return { ...devDependencies, ...dependencies };
}

function changedNames(before: PackageJson, after: PackageJson): readonly string[] {
  const old = listed(before);
  return Object.entries(listed(after))
    .filter(([name, version]) => old[name] !== version)
    .map(([name]) => name);
}

function told({ overrides }: PackageJson): string {
  return Object.entries(overrides ?? {})
    .filter(([, instead]) => typeof instead === "object" && instead !== null)
    .flatMap(([, instead]) =>
      Object.entries(instead as object).map(([name, version]) => `${name} → ${String(version)}`),
    )
    .join(", ");
}
