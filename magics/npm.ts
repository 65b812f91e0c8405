import { existsSync } from "node:fs";
import { access, writeFile } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
import { splitWords, usageError } from "./arguments.ts";
import { MagicError, type Magic } from "./magic.ts";
import { pathError } from "./paths.ts";
import { runCommand } from "./sh.ts";

/** `%npm` runs npm for the notebook's folder. */
export const npm: Magic = {
  name: "npm",
  summary: "%npm COMMAND [ARGUMENT…]  run npm in the notebook's folder: add, remove, ls, init, …",
  line: "template",
  help: `A package can be imported in the next cell, without a restart; a newer version of one that is already loaded needs a restart.

\`\`\`ts
%npm add zod simple-statistics
%npm ls
%npm remove zod
const tree = %npm ls --json
\`\`\`

The nearest \`package.json\`, from the notebook's folder upwards, is the one that changes; if there is none, \`add\` and \`init\` make one beside the notebook.`,
  async run(call, context) {
    const words = splitWords(npm, call.line).map(({ text }) => text);
    const [command] = words;
    if (command === undefined) throw usageError(npm, "give a command, as in `%npm add zod`");
    if (command.startsWith("-") && !/^(-v|--version|-h|--help)$/.test(command)) {
      throw usageError(npm, `the command comes before ${command}`);
    }
    context.signal.throwIfAborted();
    const bareInit = command === "init" && words.length === 1;
    // `npm init` is about this very folder; everything else about the nearest package.
    const folder = bareInit ? ownPackage(context.folder) : packageFolder(context.folder);
    if (bareInit || changing.has(command)) {
      if (folder === undefined) await createPackage(context.folder);
      else if (folder !== context.folder)
        context.output.stream("stderr", `npm works in ${folder}, where package.json is.\n`);
    }
    // Nobody can answer the questions of `npm init`.
    const args = bareInit ? ["init", "--yes"] : words;
    const { program, before } = findNpm(process.env);
    return runCommand(
      { magic: "npm", title: `npm ${words.join(" ")}`, program, args: [...before, ...args] },
      call,
      context,
      { cwd: folder ?? context.folder, env: npmEnvironment(process.env) },
    );
  },
};

/** Commands that write `package.json` or `node_modules`, with their short names. */
const changing: ReadonlySet<string> = new Set(
  "add install i in ins inst insta instal isnt isnta isntal isntall ci clean-install link ln remove rm r un unlink uninstall update up upgrade udpate dedupe ddp prune pkg".split(
    " ",
  ),
);

function packageFolder(from: string): string | undefined {
  for (let folder = from; ; folder = dirname(folder)) {
    const found = ownPackage(folder);
    if (found !== undefined || folder === dirname(folder)) return found;
  }
}

function ownPackage(folder: string): string | undefined {
  return existsSync(join(folder, "package.json")) ? folder : undefined;
}

async function createPackage(folder: string): Promise<void> {
  const path = join(folder, "package.json");
  try {
    await access(folder);
    await writeFile(path, `${JSON.stringify({ private: true, type: "module" }, undefined, 2)}\n`, { flag: "wx" });
  } catch (error) {
    throw pathError("npm", path, error);
  }
}

/** How npm is started: a program and the arguments that come before npm's own. */
export interface NpmCommand {
  readonly program: string;
  readonly before: readonly string[];
}

/** Finds npm: the one that started us, the one beside our Node, or the one on PATH. */
export function findNpm(env: NodeJS.ProcessEnv, node: string = process.execPath): NpmCommand {
  const bin = dirname(node);
  // npm's own script is started rather than npm.cmd, which Node runs only through a shell.
  const scripts = [env["npm_execpath"] ?? "", join(bin, "..", "lib", installed), join(bin, installed)];
  const found = scripts.find((script) => script.endsWith("npm-cli.js") && existsSync(script));
  if (found) return { program: node, before: [found] };
  for (const folder of (env["PATH"] ?? env["Path"] ?? "").split(delimiter)) {
    const script = join(folder, installed);
    if (folder && existsSync(join(folder, "npm.cmd")) && existsSync(script)) return { program: node, before: [script] };
    if (folder && process.platform !== "win32" && existsSync(join(folder, "npm")))
      return { program: join(folder, "npm"), before: [] };
  }
  throw new MagicError(
    "npm",
    "npm was not found; install Node.js with npm from https://nodejs.org and start Jupyter again",
  );
}

const installed = join("node_modules", "npm", "bin", "npm-cli.js");

/** Settings of the machine (where packages come from, how the network is reached), which npm hands down in lower case. */
const machineSetting =
  /^npm_config_(registry|cache|userconfig|globalconfig|.*proxy|noproxy|ca|cafile|strict_ssl|offline|prefer_offline|.*registry|.*auth.*)$/;

/** Leaves out what an `npm start` around us set for its own package, and asks npm for plain output. */
function npmEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const kept = Object.entries(env).filter(([name]) =>
    name.startsWith("npm_") ? machineSetting.test(name) : name !== "INIT_CWD",
  );
  return {
    ...Object.fromEntries(kept),
    npm_config_fund: "false",
    npm_config_audit: "false",
    npm_config_update_notifier: "false",
  };
}
