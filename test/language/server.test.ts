import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type LanguageServer, type ServerOptions, createLanguageServer } from "../../kernel/language/server.ts";
import { halted } from "../kernel/processes.ts";

type Diagnostics = { readonly items: readonly { readonly code: number }[] };

interface Started {
  readonly server: LanguageServer;
  readonly folder: string;
  readonly lines: readonly string[];
  /** The numbers of the errors in its document. */
  codes(): Promise<number[]>;
}

function started(options: Partial<ServerOptions> = {}): Started {
  const folder = mkdtempSync(join(tmpdir(), "typhoon-server-"));
  const lines: string[] = [];
  const server = createLanguageServer({ folder, log: (line) => lines.push(line), ...options });
  const path = join(folder, "a.ts");
  server.set(path, "const n: number = ''");
  const codes = async (): Promise<number[]> => {
    const { items } = await server.ask<Diagnostics>("textDocument/diagnostic", path);
    return items.map(({ code }) => code);
  };
  return { server, folder, lines, codes };
}

test("one that does not answer is ended, and the next question has another", async () => {
  const { server, codes, lines } = started({ answerMs: 2_000 });
  expect(await codes()).toEqual([2322]);
  const { pid } = server;
  await halted(pid);
  await expect(codes()).rejects.toThrow("the language server did not answer within 2 s");
  expect(lines).toEqual(["the language server ended: it did not answer textDocument/diagnostic"]);
  expect(await codes()).toEqual([2322]);
  expect(server.pid).not.toBe(pid);
  server.stop();
});

test("one that ends again and again is left alone", async () => {
  const { server, codes } = started({ program: () => "/bin/false" });
  for (let i = 0; i < 2; i += 1) await expect(codes()).rejects.toThrow("the language server has ended: code 1");
  await expect(codes()).rejects.toThrow("the language server ends again and again: code 1");
  server.stop();
});

test("restarts that were asked for are no failures", async () => {
  const { server, codes, lines } = started();
  for (let i = 0; i < 7; i += 1) {
    expect(await codes()).toEqual([2322]);
    server.restart();
  }
  expect(lines).toEqual([]);
  server.stop();
});

test("what cannot be started says why", async () => {
  const { server, codes } = started({ program: () => "/nowhere/tsc" });
  await expect(codes()).rejects.toThrow(/has ended: spawn .*ENOENT/);
  server.stop();
  const none = started({
    program: () => {
      throw new Error("TypeScript 7 is not installed");
    },
  });
  await expect(none.codes()).rejects.toThrow("TypeScript 7 is not installed");
});

test("a folder that was deleted is no failure", async () => {
  const { server, codes, folder } = started();
  rmSync(folder, { recursive: true });
  expect(await codes()).toEqual([2322]);
  server.stop();
});
