import { existsSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { MagicError } from "../magic.ts";
import { findNearest } from "../nearest.ts";
import { runProcess } from "../process.ts";

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
  /^npm_config_(registry|cache|userconfig|globalconfig|.*proxy|noproxy|ca|cafile|strict_ssl|offline|prefer_offline|fetch_.*|.*registry|.*auth.*)$/;

/** Leaves out what an `npm start` around us set for its own package, and asks npm for plain output. */
export function npmEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const kept = Object.entries(env).filter(([name]) =>
    name.startsWith("npm_") ? machineSetting.test(name) : name !== "INIT_CWD",
  );
  return {
    // npm's own ten and sixty seconds are too long for a person who waits without a network.
    npm_config_fetch_retry_mintimeout: "1000",
    npm_config_fetch_retry_maxtimeout: "4000",
    ...Object.fromEntries(kept),
    npm_config_fund: "false",
    npm_config_audit: "false",
    npm_config_update_notifier: "false",
  };
}

/** What npm answered to a question. */
export interface NpmAnswer {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Asks npm something that changes nothing. */
export async function askNpm(args: readonly string[], folder: string, signal: AbortSignal): Promise<NpmAnswer> {
  const { program, before } = findNpm(process.env);
  const printed = { stdout: "", stderr: "" };
  const { code } = await runProcess(program, [...before, ...args], {
    cwd: folder,
    env: npmEnvironment(process.env),
    signal,
    onOutput: (name, text) => void (printed[name] += text),
  });
  return { code, ...printed };
}

/** Throws for what is no command of npm, with the nearest of those that are likely. */
export async function checkCommand(
  command: string,
  likely: readonly string[],
  folder: string,
  signal: AbortSignal,
): Promise<void> {
  const { code, stdout, stderr } = await askNpm([command, "--help"], folder, signal);
  if (code === 0 || !`${stdout}${stderr}`.includes("Unknown command")) return;
  const nearest = findNearest(command, likely);
  const advice = nearest === undefined ? "`%npm help` lists its commands" : `Did you mean \`%npm ${nearest}\`?`;
  throw new MagicError("npm", `npm has no command ${command}. ${advice}`, { name: "UsageError" });
}
