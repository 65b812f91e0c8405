import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { expect, test } from "vitest";
import { readProject } from "../../kernel/language/project.ts";

interface Written {
  readonly compilerOptions: Record<string, unknown> & { readonly paths: Record<string, string[]> };
  readonly files: readonly string[];
  readonly include: readonly string[];
  readonly exclude: readonly string[];
}

function written(tsconfig?: object): { readonly folder: string; readonly config: Written } {
  const base = mkdtempSync(join(tmpdir(), "typhoon-project-"));
  const folder = join(base, "notebooks");
  mkdirSync(folder);
  if (tsconfig) writeFileSync(join(base, "tsconfig.json"), JSON.stringify(tsconfig));
  return { folder, config: JSON.parse(readProject(folder).tsconfig) as Written };
}

test("without a tsconfig.json cells are strict and have Node's types", () => {
  const { compilerOptions } = written().config;
  expect(compilerOptions).toMatchObject({ strict: true, types: ["node"], lib: ["esnext"] });
  expect(Object.keys(compilerOptions.paths)).toEqual([
    "typhoon-kernel",
    "typhoon-kernel/tslab",
    "tslab",
    "apache-arrow",
    "apache-arrow/*",
  ]);
});

test("one of a folder above counts, with paths from its place", () => {
  const { folder, config } = written({
    compilerOptions: { strict: false, lib: ["es2022", "dom"], paths: { "@/*": ["./src/*"] }, noUnusedLocals: true },
    files: ["globals.d.ts", "main.ts"],
  });
  expect(config.compilerOptions).toMatchObject({ strict: false, lib: ["es2022", "dom"], moduleDetection: "force" });
  expect(config.compilerOptions["noUnusedLocals"]).toBeUndefined();
  expect(config.compilerOptions.paths["@/*"]).toEqual([join(folder, "../src/*")]);
  expect(config.files).toContain(join(folder, "../globals.d.ts"));
  expect(config.files.some((file) => file.endsWith("main.ts"))).toBe(false);
});

test.for([
  [undefined, ["*.d.ts", "types/**/*.d.ts"]],
  [
    ["src", "src/**/*.ts", "**/*", "lib/*", "global.d.ts"],
    ["src/**/*.d.ts", "src/**/*.d.ts", "**/*.d.ts", "lib/*.d.ts", "global*.d.ts"],
  ],
] as const)("of the files that it includes (%j) declarations count", ([include, expected]) => {
  const { folder, config } = written({ include, exclude: ["old"] });
  const base = dirname(folder);
  expect(config.include.map((pattern) => relative(base, pattern))).toEqual(expected);
  expect(config.exclude).toEqual([join(base, "old")]);
});

test("one that cannot be read is as good as none, and is named", () => {
  const { folder, config } = written({ extends: "./nowhere.json" });
  expect(config.compilerOptions).toMatchObject({ types: ["node"] });
  expect(readProject(folder).problem).toBe(
    "tsconfig.json cannot be read (File './nowhere.json' not found.): cells are checked as if there were none.",
  );
});
