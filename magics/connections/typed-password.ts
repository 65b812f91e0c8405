import type { MagicContext } from "../magic.ts";
import { configPaths } from "./config-file.ts";
import { type Target, splitTarget, withoutPassword } from "./target.ts";

/** The lines of connections.toml that say a URL without its password. */
export function tomlFor(name: string, url: string): string {
  return `[${name}]\nurl = "${withoutPassword(url)}"\npassword = "\${env:${environmentName(name)}}"`;
}

/** Offers the file where the password of a target was typed into `source`, a cell's code. */
export function warnOfPassword(target: Target, source: string, { output, folder }: MagicContext): void {
  const parts = splitTarget(target);
  const password = parts.password ?? new Map(parts.parameters).get("password");
  if (password === undefined) return;
  const forms = [password, encodeURIComponent(password), JSON.stringify(password).slice(1, -1)];
  if (!forms.some((form) => source.includes(form))) return;
  const { name } = target;
  const [beside, own] = configPaths(folder);
  output.stream(
    "stderr",
    `%connect: the password stands in the cell, and so in the notebook's file. Put this into ${own}, or ${beside}\n\n` +
      `${tomlFor(name, target.url())}\n\n` +
      `set ${environmentName(name)} before the kernel starts, and use the name instead: \`%connect ${name}\`, \`connect("${name}")\`\n`,
  );
}

function environmentName(name: string): string {
  return `${name.toUpperCase().replaceAll(/[^A-Z\d]/g, "_")}_PASSWORD`;
}
