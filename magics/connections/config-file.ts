import { readFileSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { TomlError, parse } from "smol-toml";
import { type Definition, define, holdsSecret } from "./definition.ts";

/** A `connections.toml` as it was read. */
interface ConfigFile {
  readonly path: string;
  readonly definitions: ReadonlyMap<string, Definition>;
  /** What is wrong in it, by the name of the connection; that of the whole file has the name "". */
  readonly problems: ReadonlyMap<string, string>;
  /** What its reader should know although it works. */
  readonly warning: string | undefined;
}

const fileName = "connections.toml";

/** The places of `connections.toml`, the one that wins first: beside the notebook, then the user's own. */
export function configPaths(folder: string, env: NodeJS.ProcessEnv = process.env): [string, string] {
  return [join(folder, fileName), join(configFolder(env), "typhoon", fileName)];
}

/** The system's place for the settings of programs. */
function configFolder(env: NodeJS.ProcessEnv): string {
  if (env["XDG_CONFIG_HOME"]) return env["XDG_CONFIG_HOME"];
  if (process.platform === "win32") return env["APPDATA"] ?? join(homedir(), "AppData", "Roaming");
  return join(homedir(), ".config");
}

const cache = new Map<string, { readonly stamp: string; readonly file: ConfigFile }>();

/** Reads the files of a notebook's folder and of the user, anew where they have changed; those that are there. */
export function readConfigFiles(folder: string): ConfigFile[] {
  return configPaths(folder).flatMap((path) => readConfigFile(path) ?? []);
}

function readConfigFile(path: string): ConfigFile | undefined {
  const stat = statSync(path, { bigint: true, throwIfNoEntry: false });
  if (!stat) {
    cache.delete(path);
    return undefined;
  }
  const stamp = [stat.mtimeNs, stat.ctimeNs, stat.size, stat.ino, stat.mode].join(" ");
  const known = cache.get(path);
  if (known?.stamp === stamp) return known.file;
  const file = parseFile(path, Number(stat.mode));
  // Clocks of file systems are coarse: what was just written may be written again under the same times.
  if (Date.now() - Number(stat.mtimeMs) > coarseMs) cache.set(path, { stamp, file });
  return file;
}

const coarseMs = 2_000;

function parseFile(path: string, mode: number): ConfigFile {
  const definitions = new Map<string, Definition>();
  const problems = new Map<string, string>();
  try {
    const text = readFileSync(path, "utf8");
    for (const [name, table] of Object.entries(parse(text))) {
      try {
        definitions.set(
          name,
          define(name, table, path, (key) => findLine(text, name, key)),
        );
      } catch (error) {
        problems.set(name, (error as Error).message);
      }
    }
  } catch (error) {
    problems.set("", describeFailure(path, error));
  }
  const isOpen = process.platform !== "win32" && (mode & 0o077) !== 0;
  const warning =
    isOpen && [...definitions.values()].some(holdsSecret)
      ? `others on this machine can read ${path}, which holds a password. Write \`chmod 600 ${path}\`, or put \${env:NAME} in its place`
      : undefined;
  return { path, definitions, problems, warning };
}

/** TOML's own message quotes the lines around the error, in which passwords may be. */
function describeFailure(path: string, error: unknown): string {
  if (!(error instanceof TomlError)) return `${path} cannot be read: ${(error as Error).message}`;
  const [, reason = error.message] = /^Invalid TOML document: ([^\n]*)/.exec(error.message) ?? [];
  return `${path}:${error.line}:${error.column}: ${reason}`;
}

/** Finds the line of a connection's table, or of a key in it. */
function findLine(text: string, name: string, key?: string): number {
  const lines = text.split(/\r?\n/);
  const escaped = (word: string): string => `["']?${word.replaceAll(/[$()*+.?[\\\]^{|}]/g, "\\$&")}["']?`;
  const head = lines.findIndex((line) =>
    new RegExp(`^\\s*(?:\\[+\\s*${escaped(name)}\\s*\\]|${escaped(name)}\\s*[.=])`).test(line),
  );
  if (head < 0 || key === undefined) return Math.max(head, 0) + 1;
  const below = lines.slice(head + 1).findIndex((line) => new RegExp(`^\\s*${escaped(key)}\\s*[.=]`).test(line));
  return head + 1 + (below < 0 ? 0 : below + 1);
}
