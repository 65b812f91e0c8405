import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { expect, test } from "vitest";
import { createImportNames } from "../../kernel/language/import-names.ts";
import { findImports } from "../../kernel/language/imports.ts";
import { readProject } from "../../kernel/language/project.ts";
import { type LanguageServer, createLanguageServer } from "../../kernel/language/server.ts";

function started(): { readonly server: LanguageServer; readonly folder: string } {
  const folder = mkdtempSync(join(tmpdir(), "typhoon-import-names-"));
  const server = createLanguageServer({ folder, log() {} });
  server.set(join(folder, "tsconfig.json"), readProject(folder).tsconfig);
  return { server, folder };
}

test("a server that ends while it is asked for names leaves no list behind that lacks some", async () => {
  const { server, folder } = started();
  const names = createImportNames(server, folder);
  const asked = names.startingWith("readFi");
  process.kill(server.pid!, "SIGKILL");
  await asked;
  let found: readonly { readonly name: string }[] = [];
  while (found.length === 0) {
    await setImmediate(); // lets the test's own time limit through
    found = await names.startingWith("readFi");
  }
  expect(found.map(({ name }) => name)).toContain("readFile");
  server.stop();
}, 30_000);

test("a server that ends while imports are tried offers none", async () => {
  const { server, folder } = started();
  const asked = findImports(server, folder, ["readFile"]);
  process.kill(server.pid!, "SIGKILL");
  expect([...(await asked)]).toEqual([]);
  expect((await findImports(server, folder, ["readFile"])).get("readFile")).toContain(
    'import { readFile } from "node:fs/promises"',
  );
  server.stop();
}, 30_000);
