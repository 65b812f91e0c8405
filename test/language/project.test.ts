import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readProject } from "../../kernel/language/project.ts";

interface Written {
  readonly compilerOptions: Record<string, unknown> & { readonly paths: Record<string, string[]> };
  readonly files: readonly string[];
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

test("one that cannot be read is as good as none, and is named", () => {
  const { folder, config } = written({ extends: "./nowhere.json" });
  expect(config.compilerOptions).toMatchObject({ types: ["node"] });
  expect(readProject(folder).problem).toBe(
    "typhoon: tsconfig.json cannot be read (File './nowhere.json' not found.): cells are checked as if there were none.",
  );
});
