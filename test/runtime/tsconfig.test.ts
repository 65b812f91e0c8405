import { utimesSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createTsconfig } from "../../kernel/runtime/tsconfig.ts";
import { createNotebookFolder } from "./notebook-folder.ts";

test("compiler options come from the folder or one above, follow edits, and survive a broken file", () => {
  using notebook = createNotebookFolder({ "deep/x.txt": "" });
  const deep = join(notebook.path, "deep");
  const tsconfig = createTsconfig(deep);
  expect(tsconfig.options()).toEqual({});
  notebook.write({ "tsconfig.json": '{ "compilerOptions": { "jsx": "react" } } // comments are fine' });
  expect(tsconfig.options()).toMatchObject({ jsx: "react" });
  notebook.write({ "tsconfig.json": '{ "compilerOptions": { "jsx": "react-jsx" } }' });
  utimesSync(join(notebook.path, "tsconfig.json"), 1, 1);
  expect(tsconfig.options()).toMatchObject({ jsx: "react-jsx" });
  notebook.write({ "tsconfig.json": '{ "extends": 5' });
  expect(tsconfig.options()).toEqual({});
});
