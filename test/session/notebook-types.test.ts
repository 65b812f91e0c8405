import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createNotebookTypes } from "../../kernel/session/notebook-types.ts";

test("a fault of the language client leaves no cell and no question waiting", async () => {
  const lines: string[] = [];
  const types = createNotebookTypes({
    folder: "/a/folder/that/is/gone",
    magics: { magics: () => undefined },
    log: (line) => void lines.push(line),
    note() {
      throw new Error("out of order");
    },
  });
  const early = types.begin("const a = 1", true);
  types.start();
  await expect(early.problems).rejects.toThrow("out of order");
  await expect(types.begin("const b = 1", true).problems).rejects.toThrow("out of order");
  expect(await types.complete("a", 1)).toBeUndefined();
  expect(lines).toContain("types: Error: out of order");
  types[Symbol.dispose]();
});

test("thousands of cells that ran while nobody asked for types leave no long pause when somebody does", async () => {
  const types = createNotebookTypes({
    folder: mkdtempSync(join(tmpdir(), "typhoon-types-")),
    magics: { magics: () => undefined },
    log() {},
    note() {},
  });
  for (let i = 0; i < 5_000; i += 1) {
    const declared = [{ name: `v${i}`, type: `{ own${i}: number }` }];
    types.begin(`const v${i} = { own${i}: ${i} }`, false).end({ outcome: "ok", cleared: false, declared });
  }
  let longest = 0;
  let last = performance.now();
  const tick = setInterval(() => {
    longest = Math.max(longest, performance.now() - last);
    last = performance.now();
  }, 1);
  types.start();
  // One that cannot be read needs no server.
  expect(await types.begin("const = 1", true).problems).toEqual([]);
  clearInterval(tick);
  types[Symbol.dispose]();
  expect(longest).toBeLessThan(500);
});
