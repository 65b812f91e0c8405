import { execFileSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join, relative, sep } from "node:path";
import { performance } from "node:perf_hooks";
import { parseArgs } from "node:util";
import { type Plugin, build } from "esbuild";
import { findPackageRoot } from "./package-root.ts";
import { hashSources, isFresh, stampPath } from "./sources.ts";

const mains = ["kernel/main.ts", "kernel/runtime/main.ts", "kernel/api.ts", "kernel/tslab.ts", "kernel/cli/typhoon.ts"];
const folders = ["kernel", "magics", "display"];

/** Lists the programs of the package, and every `worker.ts` or `*-worker.ts`, which a `new Worker` starts by its own URL. */
function findEntries(root: string): string[] {
  const workers = folders
    .filter((folder) => existsSync(join(root, folder)))
    .flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true, encoding: "utf8" }).map((file) => join(folder, file)),
    )
    .filter((file) => /(?:^|[\\/-])worker\.ts$/.test(file));
  return [...mains.filter((file) => existsSync(join(root, file))), ...workers];
}

// A bundle moves code into shared chunks, but `new URL("./x-worker.js", import.meta.url)` counts on a module's own place.
// So import.meta.url is defined as a constant of the module, and each output learns how to get from itself to that place.
const moduleUrl = "__moduleUrl";
const placeholder = /__below_dist__\("([^"]*)"\)/g;

function keepModuleUrls(root: string): Plugin {
  return {
    name: "keep-module-urls",
    setup(bundler) {
      bundler.onLoad({ filter: /\.tsx?$/ }, async ({ path }) => {
        const source = await readFile(path, "utf8");
        if (!source.includes("import.meta.url")) return undefined;
        const place = relative(root, path)
          .replaceAll(sep, "/")
          .replace(/\.tsx?$/, ".js");
        // On the first line, so that the lines of the source map stay true.
        const contents = `const ${moduleUrl} = /* @__PURE__ */ __below_dist__("${place}"); ${source}`;
        return { contents, loader: path.endsWith("x") ? "tsx" : "ts" };
      });
    },
  };
}

function placeModuleUrls(text: string, path: string, dist: string): string {
  const up = relative(dirname(path), dist).replaceAll(sep, "/") || ".";
  return text.replaceAll(placeholder, (_, place: string) => `new URL("${up}/${place}", import.meta.url).href`);
}

// Small pure JavaScript packages on the path to the first reply: a file less to find and read is time at the start.
const bundled = /^(?:magic-string|@jridgewell\/sourcemap-codec)$/;

function bundlePackages(): Plugin {
  return {
    name: "bundle-packages",
    setup(bundler) {
      bundler.onResolve({ filter: bundled }, ({ path, importer }) => ({ path: createRequire(importer).resolve(path) }));
    },
  };
}

/** Bundles the sources below `root` into `root/dist`, where each program keeps its place; other packages stay outside. */
export async function bundle(root: string): Promise<void> {
  const dist = join(root, "dist");
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: findEntries(root),
    outdir: dist,
    outbase: root,
    chunkNames: "chunks/[hash]",
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node24",
    packages: "external",
    sourcemap: "linked",
    sourcesContent: false,
    define: { "import.meta.url": moduleUrl },
    write: false,
    logLevel: "warning",
    plugins: [bundlePackages(), keepModuleUrls(root)],
  });
  await mkdir(dist, { recursive: true });
  const outdated = new Set((await readdir(dist, { recursive: true })).map((file) => join(dist, file)));
  for (const { path, text } of outputFiles) {
    outdated.delete(path);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, path.endsWith(".js") ? placeModuleUrls(text, path, dist) : text);
  }
  for (const path of outdated) if (/\.js(\.map)?$/.test(path)) await rm(path);
}

/** Writes the declarations of the package beside its JavaScript, for those who import it. */
function declare(root: string): void {
  const tsc = join(root, "node_modules", "typescript", "bin", "tsc");
  execFileSync(process.execPath, [tsc, "-p", join(root, "tsconfig.build.json")], { stdio: "inherit" });
}

/** Removes the declarations of an earlier build: where there are none, cells are checked by the sources. */
async function removeDeclarations(root: string): Promise<void> {
  const dist = join(root, "dist");
  await mkdir(dist, { recursive: true });
  const files = await readdir(dist, { recursive: true });
  for (const file of files) if (file.endsWith(".d.ts")) await rm(join(dist, file));
}

/** Builds what has changed since the last build and says so in one line, or nothing. */
async function main(args: string[]): Promise<void> {
  const { values } = parseArgs({ args, options: { types: { type: "boolean" } } });
  const root = findPackageRoot();
  const startMs = performance.now();
  if (values.types) declare(root);
  else if (isFresh(root)) return;
  else await removeDeclarations(root);
  const hash = hashSources(root) ?? "";
  await bundle(root);
  await writeFile(stampPath(root), hash);
  console.log(`build: ${((performance.now() - startMs) / 1000).toFixed(1)} s`);
}

if (import.meta.main) {
  // esbuild and tsc have said by then what is wrong, and where.
  await main(process.argv.slice(2)).catch((error: unknown) => {
    console.error(error instanceof Error ? error.message.split("\n")[0] : error);
    process.exitCode = 1;
  });
}
