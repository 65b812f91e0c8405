import { execFile, execFileSync, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { createOutputFolder } from "../../kernel/cli/cell-outputs.ts";
import type { SourceCell } from "../../kernel/export/export-options.ts";
import { toModule } from "../../kernel/export/module.ts";
import { magicSyntax, suggest } from "../../magics/index.ts";
import type { TestKernel } from "./harness.ts";

const run = promisify(execFile);

/** A folder as a person has it who was given an exported module: Node, TypeScript and the packages, nothing else. */
export interface Reader {
  readonly folder: string;
  /** The errors of plain `tsc`, empty where there are none. */
  check(): Promise<string>;
  /** Runs a file of the folder by plain Node, with nobody to answer questions. */
  run(file: string): Promise<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }>;
}

/** The compiler's settings that docs/export.md recommends; `erasableSyntaxOnly` is its word for what Node can run. */
const compilerOptions: Readonly<Record<string, unknown>> = {
  strict: true,
  target: "esnext",
  module: "nodenext",
  types: ["node"],
  noEmit: true,
  allowImportingTsExtensions: true,
  verbatimModuleSyntax: true,
  erasableSyntaxOnly: true,
  skipLibCheck: true,
};

/** Creates a reader's folder. `typhoon-kernel` has its declarations as published; its code is that of the sources. */
export function createReader(options: Record<string, unknown> = {}): Reader {
  const folder = mkdtempSync(join(tmpdir(), "typhoon-reader-"));
  const packages = join(folder, "node_modules");
  const own = join(packages, "typhoon-kernel");
  mkdirSync(join(own, "dist/kernel"), { recursive: true });
  for (const name of readdirSync("node_modules")) {
    if (!name.startsWith(".") && name !== "typhoon-kernel")
      symlinkSync(resolve("node_modules", name), join(packages, name));
  }
  const tsc = resolve("node_modules/typescript/bin/tsc");
  execFileSync(process.execPath, [tsc, "-p", resolve("tsconfig.build.json"), "--outDir", join(own, "dist")]);
  symlinkSync(resolve("package.json"), join(own, "package.json"));
  for (const name of ["api", "tslab"]) {
    const source = pathToFileURL(resolve(`kernel/${name}.ts`)).href;
    writeFileSync(join(own, `dist/kernel/${name}.js`), `export * from ${JSON.stringify(source)};\n`);
  }
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }\n');
  writeFileSync(
    join(folder, "tsconfig.json"),
    JSON.stringify({ compilerOptions: { ...compilerOptions, ...options }, include: ["*.ts"] }),
  );
  return {
    folder,
    async check() {
      try {
        await run(process.execPath, [tsc, "-p", folder], { cwd: folder });
        return "";
      } catch (error) {
        return String((error as { stdout?: string }).stdout ?? error);
      }
    },
    run: (file) =>
      new Promise((done, fail) => {
        const env = { ...process.env, CI: undefined, NO_COLOR: "1", NODE_OPTIONS: undefined };
        const child = spawn(process.execPath, [file], { cwd: folder, env, stdio: ["ignore", "pipe", "pipe"] });
        const text = { stdout: "", stderr: "" };
        for (const name of ["stdout", "stderr"] as const) {
          child[name].setEncoding("utf8").on("data", (more: string) => (text[name] += more));
        }
        child.on("error", fail);
        child.on("close", (code) => done({ code, ...text }));
      }),
  };
}

/** Exports cells into a reader's folder. */
export function exportInto(reader: Reader, file: string, cells: readonly (string | SourceCell)[]): readonly string[] {
  const all = cells.map((cell, at) =>
    typeof cell === "string" ? ({ type: "code", source: cell, label: `cell ${at + 1}` } as const) : cell,
  );
  const { folder } = reader;
  const { text, notes } = toModule(all, { title: "n.ipynb", folder, target: folder, magics: magicSyntax, suggest });
  writeFileSync(join(folder, file), text);
  return notes;
}

/** What cells print, as a terminal would show it. */
export interface Printed {
  /** Text on stdout, and the text of results and displays, in the order in which they stand in the notebook. */
  readonly stdout: string;
  readonly stderr: string;
  /** `ename: evalue` of each error. */
  readonly errors: readonly string[];
}

/** Runs cells in a kernel and returns what the notebook shows. Cells tagged `skip-export` run, but do not count. */
export async function runCells(kernel: TestKernel, cells: readonly (string | SourceCell)[]): Promise<Printed> {
  const begin = createOutputFolder();
  const found: { tags: readonly string[]; outputs: readonly Record<string, unknown>[] }[] = [];
  for (const cell of cells) {
    const { type, source, tags = [] } = typeof cell === "string" ? { type: "code", source: cell } : cell;
    if (type !== "code" || tags.includes("skip-execution")) continue;
    const folded = begin();
    for (const message of (await kernel.run(source)).published) folded.take(message);
    found.push({ tags, outputs: folded.outputs });
  }
  const outputs = found.filter(({ tags }) => !tags.includes("skip-export")).flatMap((cell) => cell.outputs);
  const streams = (name: string): string =>
    outputs
      .filter((output) => output["name"] === name)
      .map((output) => joined(output["text"]))
      .join("");
  return {
    stdout: outputs.map(textOf).join(""),
    stderr: streams("stderr"),
    errors: outputs
      .filter((output) => output["output_type"] === "error")
      .map((output) => `${String(output["ename"])}: ${String(output["evalue"])}`),
  };
}

function textOf(output: Record<string, unknown>): string {
  if (output["name"] === "stdout") return joined(output["text"]);
  const data = output["data"] as Record<string, unknown> | undefined;
  return data ? `${joined(data["text/plain"])}\n` : "";
}

function joined(text: unknown): string {
  return Array.isArray(text) ? text.join("") : String(text);
}
