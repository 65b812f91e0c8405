import { existsSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { exportMagic } from "../../magics/export.ts";
import { createNotebook, lineCall } from "./context.ts";
import { testMagic } from "./contract.ts";

const folder = mkdtempSync(join(tmpdir(), "typhoon-export-"));

testMagic(exportMagic, {
  wrong: ["--no-such-option", "", "a.ts b.ts", "notes.txt"],
  short: lineCall(join(folder, "short.ts")),
});

test("%export writes the module and tells what a reader should know", async () => {
  const { context, printed } = createNotebook({ module: "// Exported from a test\n" });
  const path = join(folder, "report.ts");
  await exportMagic.run(lineCall(path), context);
  expect(readFileSync(path, "utf8")).toBe("// Exported from a test\n");
  expect(printed()).toBe(`Wrote ${path}: 2 cells.\na note\n`);
});

test("const text = %export gives the text and writes nothing", async () => {
  const { context, printed } = createNotebook({ module: "// Exported from a test\n" });
  expect(await exportMagic.run({ ...lineCall(""), assigned: true }, context)).toBe("// Exported from a test\n");
  expect(printed()).toBe("");
  expect(existsSync("notebook.ts")).toBe(false);
});

test("a file that no export has written is overwritten by -f only", async () => {
  const { context } = createNotebook({ module: "// Exported from a test\n" });
  const path = join(folder, "mine.ts");
  writeFileSync(path, "// mine\n");
  await expect(exportMagic.run(lineCall(path), context)).rejects.toThrow("no export has written it");
  expect(readFileSync(path, "utf8")).toBe("// mine\n");
  await exportMagic.run(lineCall(`-f ${path}`), context);
  expect(readFileSync(path, "utf8")).toContain("// Exported");
  await exportMagic.run(lineCall(path), context);
});

test("a folder that is missing, and cells that cannot be exported, say what to do", async () => {
  const { context } = createNotebook();
  await expect(exportMagic.run(lineCall(join(folder, "no/n.ts")), context)).rejects.toThrow(/%export: there is no/);
  const failing = {
    ...context,
    toModule: async () => {
      throw Object.assign(new Error("In[3], line 1, column 2: write it so"), { name: "ExportError" });
    },
  };
  await expect(exportMagic.run(lineCall("a.ts"), failing)).rejects.toThrow(
    "%export: In[3], line 1, column 2: write it so",
  );
});
