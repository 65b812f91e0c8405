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
