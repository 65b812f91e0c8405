import { access } from "node:fs/promises";
import { join } from "node:path";
import { splitWords, usageError } from "./arguments.ts";
import { type Choice, type Magic, MagicError } from "./magic.ts";
import { addPackages } from "./npm/add.ts";
import { changePackages } from "./npm/change.ts";
import { checkCommand, findNpm, npmEnvironment } from "./npm/command.ts";
import { packageFolder } from "./npm/folder.ts";
import { writeEnvironment } from "./npm/init.ts";
import { withInstallLog } from "./npm/progress.ts";
import { pathError } from "./paths.ts";
import { runCommand } from "./sh.ts";

/** `%npm` runs npm for the notebook's folder. */
export const npm: Magic = {
  name: "npm",
  summary: "%npm COMMAND [ARGUMENT…]  run npm in the notebook's folder: add, remove, ls, init, …",
  line: "template",
  takes: { words: ([command, ...more]) => (command === undefined ? commands : named(command, more)) },
  help: `A package can be imported below its line and in the next cells, without a restart; a newer version of one that is already loaded needs a restart.

\`\`\`ts
%npm add zod simple-statistics
%npm ls
%npm remove zod
const tree = %npm ls --json
\`\`\`

\`%npm add\` also installs \`@types/NAME\` for a package that has no types of its own. Interrupting it leaves the folder as it was.

\`\`\`ts
// the environment of the folder's notebooks: package.json with the packages that they import and the version of Node, and a lock file
%npm init
// in another person's copy of the folder:
%npm install
\`\`\`

The nearest \`package.json\`, from the notebook's folder upwards, is the one that changes; if there is none, \`add\` and \`init\` make one beside the notebook.`,
  async run(call, context) {
    const words = splitWords(npm, call.line).map(({ text }) => text);
    const [command] = words;
    if (command === undefined) throw usageError(npm, "give a command, as in `%npm add zod`");
    if (command.startsWith("-") && !/^(-v|--version|-h|--help)$/.test(command)) {
      throw usageError(npm, `the command comes before ${command}`);
    }
    const names = words.slice(1).filter((word) => !word.startsWith("-"));
    if (names.length === 0 && words.every((word) => !elsewhere.test(word))) {
      const missing = Object.hasOwn(nameless, command) ? nameless[command] : undefined;
      if (missing !== undefined) throw new MagicError("npm", missing, { name: "UsageError" });
    }
    context.signal.throwIfAborted();
    const tell = (text: string): string | undefined => {
      if (call.assigned) return text.trimEnd();
      context.output.stream("stdout", text);
      return undefined;
    };
    // `npm init` is about this very folder; everything else about the nearest package.
    const title = `npm ${words.join(" ")}`;
    if (command === "init" && words.length === 1) {
      return tell(await withInstallLog(title, context, (log) => writeEnvironment(context, log)));
    }
    const found = packageFolder(context.folder);
    const folder = found ?? context.folder;
    const writes = (changing.has(command) || writing.has(command)) && !words.some((word) => elsewhere.test(word));
    if (writes && folder !== context.folder) {
      context.output.stream("stderr", `npm works in ${folder}, where package.json is.\n`);
    }
    if (writes && changing.has(command)) {
      if (found === undefined) await checkFolder(folder);
      const change = adding.has(command) && names.length > 0 ? addPackages : runNpm;
      return tell(await withInstallLog(title, context, (log) => change(words, folder, context, log)));
    }
    const { program, before } = findNpm(process.env);
    if (!isKnown(command)) await checkCommand(command, commands, folder, context.signal);
    return runCommand({ magic: "npm", title, program, args: [...before, ...words] }, call, context, {
      cwd: folder,
      env: npmEnvironment(process.env),
    });
  },
};

/** Commands to choose from. */
const commands = "add audit ci dedupe explain init install ls outdated prune remove run uninstall update view".split(
  " ",
);

/** Whether we know that npm has a command; it has more, and takes their beginnings. */
function isKnown(command: string): boolean {
  return command.startsWith("-") || commands.includes(command) || changing.has(command) || writing.has(command);
}

/** Commands that without a name do nothing, or something else than their name says. */
const nameless: Readonly<Record<string, string>> = {
  add: "name the packages, as in `%npm add zod`. `%npm install` installs those of package.json",
  ...Object.fromEntries(
    ["remove", "rm", "uninstall", "un"].map((command) => [
      command,
      `name the packages, as in \`%npm ${command} zod\`. \`%npm ls\` lists those that are installed`,
    ]),
  ),
};

/** What a command is about: what is installed. Names that are not are with the registry, which is not asked. */
function named(command: string, before: readonly string[]): Choice {
  if (before.length === 0 && command === "init") return [];
  return /^(?:remove|rm|uninstall|un|update|up|ls|explain|view|outdated)$/.test(command) ? "package" : [];
}

const runNpm: typeof addPackages = async (words, folder, context, log) =>
  `${(await changePackages({ words, folder }, context, log)).trim()}\n`;

/** Commands that install what is named, with their short names. */
const adding: ReadonlySet<string> = new Set(
  "add install i in ins inst insta instal isnt isnta isntal isntall".split(" "),
);

/** Commands that change `package.json` and `node_modules`; npm takes back what it did if one fails. */
const changing: ReadonlySet<string> = new Set([
  ...adding,
  ..."remove rm r un unlink uninstall update up upgrade udpate dedupe ddp prune".split(" "),
]);

/** Commands that write too, in their own way. */
const writing: ReadonlySet<string> = new Set(["ci", "clean-install", "link", "ln", "pkg"]);

/** Options with which a command changes nothing here. */
const elsewhere = /^(-g|--global|--dry-run|-h|--help|--location=global)$/;

async function checkFolder(folder: string): Promise<void> {
  try {
    await access(folder);
  } catch (error) {
    throw pathError("npm", join(folder, "package.json"), error);
  }
}
