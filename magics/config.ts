import {
  type SettingName,
  type Settings,
  describeSetting,
  formatSetting,
  isSettingName,
  settingNames,
} from "../kernel/settings.ts";
import { usageError } from "./arguments.ts";
import { listing } from "./listing.ts";
import { MagicError, templateText, type Magic } from "./magic.ts";
import { findNearest } from "./nearest.ts";

/** `%config` lists the kernel's settings, shows one, or changes one. */
export const config: Magic = {
  name: "config",
  summary: "%config [NAME [= VALUE]]  list the kernel's settings, show one, or change one",
  line: "template",
  takes: { words: settingWords },
  help: `\`\`\`ts
// lists all, with the environment variables that set them from outside:
%config
const bytes = %config memory
// changes it until the kernel is restarted:
%config memory = 8GB
%config memory = \${2 ** 33}
// back to what it was at the start:
%config memory = default
\`\`\`

A change holds for the cells from then on, until the kernel is restarted. To keep it, set the environment variable, as by
\`typhoon install --env TYPHOON_MEMORY=8GB\`.`,
  async run({ line, assigned }, { output, settings }) {
    const text = templateText(line).trim();
    if (text === "") {
      if (assigned) return Object.fromEntries(settingNames().map((name) => [name, settings.get(name)]));
      output.display(listing(["setting", "value", "environment", "meaning"], rows(settings)));
      return undefined;
    }
    const [, name = "", separator, value = ""] = /^([^\s=]*)(\s*=|\s+)?(.*)$/s.exec(text) ?? [];
    if (name === "" || name.startsWith("-")) throw usageError(config, `"${text}" is not a setting's name`);
    if (!isSettingName(name)) throw new MagicError("config", unknown(name));
    if (separator !== undefined) change(settings, name, value.trim());
    if (assigned) return settings.get(name);
    output.stream("stdout", `${name} = ${shown(settings, name)}\n`);
    const remark = separator === undefined ? undefined : describeSetting(name).remark?.(settings.get(name));
    if (remark !== undefined) output.stream("stderr", `%config: ${remark}.\n`);
    return undefined;
  },
};

/** A setting's name, then what it can be, with or without a `=` between them. */
function settingWords(before: readonly string[]): readonly string[] {
  const [name = "", ...more] = before.filter((word) => word !== "=");
  if (name === "") return settingNames();
  if (more.length > 0 || !isSettingName(name)) return [];
  return [...(describeSetting(name).kind.words ?? []), "default"];
}

function change(settings: Settings, name: SettingName, value: string): void {
  const { applies, env } = describeSetting(name);
  if (applies === "start") {
    const how = `Set ${env} before, as by \`typhoon install --env ${env}=VALUE\``;
    throw new MagicError("config", `${name} is read when the kernel starts. ${how}`);
  }
  if (value === "") throw new MagicError("config", `${name} needs a value, as in \`%config ${name} = VALUE\``);
  try {
    settings.set(name, value);
  } catch (error) {
    const [comment] = /\s\/\/.*/s.exec(value) ?? [];
    const mend = comment === undefined ? "" : `Leave out "${comment.trim()}": a comment has a line of its own. `;
    throw new MagicError(
      "config",
      `${(error as Error).message}. ${mend}\`%config ${name} = default\` takes changes back`,
      {
        cause: error,
      },
    );
  }
}

function unknown(name: string): string {
  const nearest =
    settingNames().find((each) => describeSetting(each).env === name.toUpperCase()) ??
    findNearest(name, settingNames());
  const meant = nearest === undefined ? "" : `Did you mean ${nearest}? `;
  return `there is no setting "${name}". ${meant}\`%config\` lists all settings.`;
}

function shown(settings: Settings, name: SettingName): string {
  return formatSetting(name, settings.get(name)) || "default";
}

function rows(settings: Settings): string[][] {
  return settingNames().map((name) => {
    const { env, meaning } = describeSetting(name);
    return [name, shown(settings, name), env, meaning];
  });
}
