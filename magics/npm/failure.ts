import { existsSync } from "node:fs";
import { builtinModules } from "node:module";
import { basename, dirname, join } from "node:path";
import { MagicError } from "../magic.ts";
import { findNearest } from "../nearest.ts";
import { askNpm } from "./command.ts";
import type { Import } from "./imports.ts";
import { nameOfPackage, noPermission, noRights } from "./folder.ts";

/** What is known of an npm that failed. */
export interface Failed {
  /** The arguments that npm had. */
  readonly words: readonly string[];
  readonly imports: readonly Import[];
  readonly stderr: string;
  readonly folder: string;
  readonly signal: AbortSignal;
}

type Explain = (failed: Failed) => string | undefined | Promise<string | undefined>;

/** What npm's error codes mean for the reader, and what to do next. */
const reasons: Readonly<Record<string, Explain>> = {
  E404: missingPackage,
  ETARGET: missingVersion,
  EINVALIDPACKAGENAME: ({ stderr }) => `this is no name of a package: ${npmSays(stderr)}`,
  EINVALIDTAGNAME: ({ stderr }) => `this is no version: ${npmSays(stderr)}`,
  ERESOLVE: ({ words, stderr }) =>
    `the packages ask for versions that do not go together; \`%npm ${words.join(" ")} --legacy-peer-deps\` installs them all the same\n${conflict(stderr)}`,
  ...spread(
    [
      "ENOTFOUND",
      "EAI_AGAIN",
      "ECONNREFUSED",
      "ECONNRESET",
      "ETIMEDOUT",
      "ENETUNREACH",
      "EHOSTUNREACH",
      "ERR_SOCKET_TIMEOUT",
      "ENOTCACHED",
    ],
    noNetwork,
  ),
  ...spread(noRights, ({ folder }) => noPermission(folder)),
  ENOENT: missingFile,
  ENOSPC: ({ folder }) => `the disk of ${folder} is full; free some space and run the cell again`,
  EJSONPARSE: ({ folder }) => `${folder}/package.json is no valid JSON, mend it first`,
  E401: ({ stderr }) => `the registry wants to know who you are: run \`npm login\` in a terminal. ${npmSays(stderr)}`,
  E403: ({ stderr }) => `the registry refuses: ${npmSays(stderr)}`,
};

/** Explains a failure of npm, if its reason is one that the reader can mend; else undefined. */
export async function explainFailure(failed: Failed): Promise<MagicError | undefined> {
  const code = /^npm error code (\w+)/m.exec(failed.stderr)?.[1] ?? "";
  const message = await reasons[code]?.(failed);
  if (message === undefined) return undefined;
  return Object.assign(new MagicError("npm", message.trim(), { name: "PackageError" }), {
    code,
    stderr: failed.stderr,
  });
}

/** Packages for notebooks, among which a misspelled one may be. */
const common =
  "@tensorflow/tfjs @observablehq/plot apache-arrow arquero axios chart.js cheerio csv-parse d3 d3-array danfojs-node date-fns dayjs echarts express jimp lodash luxon mathjs ml-matrix mongodb mysql2 nodejs-polars p-limit papaparse pg plotly.js puppeteer redis sharp simple-statistics sqlite3 three uuid vega vega-lite ws xlsx yaml zod".split(
    " ",
  );

async function missingPackage(failed: Failed): Promise<string | undefined> {
  const address = /^npm error 404 .* - GET (\S+)/m.exec(failed.stderr)?.[1] ?? "";
  const name = decodeURIComponent(address.split(/\/(?=@|[^/]*$)/).at(-1) ?? "");
  const asked = failed.words.map((word) => nameOfPackage(word)).includes(name);
  if (name === "" || name.endsWith(".tgz")) return undefined;
  const importer = failed.imports.find((one) => one.name === name)?.file;
  if (!asked && importer === undefined) return `a package that is needed is not in the registry: ${name}`;
  const nearest = findNearest(name, [...common, ...(await search(name, failed))]);
  if (importer !== undefined) {
    return `${importer} imports ${name}, and there is no such package in the registry${nearest ? `. Did you mean ${nearest}?` : ""}`;
  }
  const advice = nearest ? `Did you mean \`%npm add ${nearest}\`?` : "Look for its name on https://www.npmjs.com";
  return `there is no package ${name} in the registry. ${advice}`;
}

/** Asks the registry for packages like a name; a registry that cannot search knows none. */
async function search(name: string, { folder, signal }: Failed): Promise<readonly string[]> {
  const args = ["search", name, "--json", "--searchlimit=10", "--fetch-retries=0", `--fetch-timeout=${searchMs}`];
  const { code, stdout } = await askNpm(args, folder, signal);
  if (code !== 0) return [];
  return (JSON.parse(stdout) as readonly { readonly name: string }[]).map((found) => found.name);
}

const searchMs = 3000;

async function missingVersion({ stderr, folder, signal }: Failed): Promise<string | undefined> {
  const [, name, version] = /No matching version found for (@?[^@\s]+)@(.+?)\.?\s*$/m.exec(stderr) ?? [];
  if (name === undefined) return undefined;
  const { code, stdout } = await askNpm(["view", name, "dist-tags.latest"], folder, signal);
  const newest = code === 0 && stdout.trim() !== "" ? `; the newest is ${stdout.trim()}: \`%npm add ${name}\`` : "";
  return `${name} has no version ${version}${newest}`;
}

/** A folder or an archive that is to be installed, or a program that npm needs. */
function missingFile({ stderr, folder }: Failed): string | undefined {
  const program = /^npm error syscall spawn (\S+)/m.exec(stderr)?.[1];
  if (program !== undefined)
    return `npm needs the program ${program}, which was not found; install it, or add it to PATH`;
  const path = /^npm error path (.+)$/m.exec(stderr)?.[1];
  if (path === undefined || path === join(folder, "package.json")) return undefined;
  const from = `Paths count from ${folder}`;
  if (basename(path) !== "package.json") return `there is no file ${path}. ${from}`;
  const wanted = dirname(path);
  if (existsSync(wanted)) return `${wanted} is no package: it has no package.json`;
  return `there is no folder ${wanted}. ${from}`;
}

function noNetwork({ stderr }: Failed): string {
  const address = /https?:\/\/[^/\s]+/.exec(stderr)?.[0] ?? "the registry";
  const why = /^npm error (?:network )?(request to .*|getaddrinfo .*|connect .*|.*timeout.*)$/m.exec(stderr)?.[1];
  return `cannot reach ${address}: check the network, or the proxy (\`%npm config get proxy\`, the variable HTTPS_PROXY)${why ? `\n${why}` : ""}`;
}

function conflict(stderr: string): string {
  const lines = stderr.match(/^npm error (?:Found:|Could not resolve|Conflicting|\s*peer ).*$/gm) ?? [];
  return lines.map((line) => line.replace("npm error ", "")).join("\n");
}

function npmSays(stderr: string): string {
  const lines = stderr.match(/^npm error (?!code |A complete log).*$/gm) ?? [];
  return lines[0]?.replace(/^npm error (?:\d+ )?/, "") ?? "";
}

function spread(codes: readonly string[], explain: Explain): Record<string, Explain> {
  return Object.fromEntries(codes.map((code) => [code, explain]));
}

/** Refuses modules of Node's own, whose names in the registry belong to others. */
export function refuseBuiltins(words: readonly string[]): void {
  const name = words.find((word) => builtinModules.includes(word) || word.startsWith("node:"));
  if (name === undefined) return;
  const plain = name.replace(/^node:/, "");
  throw new MagicError(
    "npm",
    `${plain} is a part of Node, there is nothing to install: \`import * as ${plain.replaceAll(/\W/g, "_")} from "node:${plain}"\``,
  );
}
