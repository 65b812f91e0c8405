import { readFileSync, readdirSync } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";
import { expect, test } from "vitest";

const root = resolve(import.meta.dirname, "..");

// The first layer that a path begins with is its own; it may import from itself and from those listed.
// The same table stands in CONTRIBUTING.md, "Who may import whom".
const layers: Record<string, readonly string[]> = {
  "kernel/cli/": ["kernel/", "magics/", "display/", "package.json"],
  "kernel/main.ts": ["kernel/"],
  // Words and numbers that both processes and %config read.
  "kernel/setting": [],
  "kernel/plain.ts": ["kernel/setting-kinds.ts", "kernel/protocol/"],
  "kernel/kernel.ts": ["kernel/", "magics/index.ts", "magics/mask-secrets.ts", "package.json"],
  "kernel/api.ts": ["kernel/runtime/", "magics/", "display/"],
  "kernel/tslab.ts": ["display/", "package.json"],
  "kernel/server.ts": ["kernel/questions.ts", "kernel/protocol/", "kernel/session/"],
  "kernel/questions.ts": ["kernel/protocol/"],
  "kernel/secrets/": ["kernel/protocol/", "magics/mask-secrets.ts"],
  "kernel/protocol/": [],
  "kernel/cell/": [],
  "kernel/language/": ["kernel/cell/"],
  "kernel/export/": ["kernel/cell/", "magics/"],
  "kernel/session/": [
    "kernel/setting",
    "kernel/protocol/",
    "kernel/cell/",
    "kernel/language/",
    "kernel/runtime/link.ts",
  ],
  // The link speaks of errors and payloads in the protocol's words.
  "kernel/runtime/link.ts": ["kernel/setting", "kernel/protocol/contents.ts"],
  "kernel/runtime/": [
    "kernel/setting",
    "kernel/protocol/contents.ts",
    "kernel/cell/",
    "kernel/export/",
    "magics/",
    "display/",
  ],
  "magics/": ["kernel/setting", "display/"],
  "display/": [],
};

function layerOf(file: string): string | undefined {
  return Object.keys(layers).find((layer) => file.startsWith(layer));
}

function importsOf(file: string): string[] {
  const found = readFileSync(join(root, file), "utf8").matchAll(/(?:\bfrom|\bimport\(?)\s*"(\.{1,2}\/[^"]+)"/g);
  return [...found].map(([, to]) => relative(root, resolve(root, dirname(file), to!)).replaceAll(sep, "/"));
}

test("every module imports only from its own layer and those below it", () => {
  const files = ["kernel", "magics", "display"].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
      .filter((file) => /\.(ts|tsx|mjs)$/.test(file))
      .map((file) => `${folder}/${file.replaceAll(sep, "/")}`),
  );
  const wrong = files.flatMap((file) => {
    const layer = layerOf(file);
    if (layer === undefined) return [`${file} belongs to no layer`];
    const allowed = [layer, ...layers[layer]!];
    const outside = importsOf(file).filter((to) => !allowed.some((prefix) => to.startsWith(prefix)));
    return outside.map((to) => `${file} imports ${to}`);
  });
  expect(files.length).toBeGreaterThan(20);
  expect(wrong).toEqual([]);
});
