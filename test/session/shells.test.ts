import { expect, test } from "vitest";
import { createShells } from "../../kernel/session/shells.ts";

test("work that rejects is told, and the next work of its shell runs", async () => {
  const errors: unknown[] = [];
  const ran: string[] = [];
  const shell = createShells((error) => errors.push(error)).find(undefined)!;
  const fault = new Error("no reply");
  shell.enqueue(() => Promise.reject(fault));
  shell.enqueue(async (aborted) => void ran.push(aborted ? "aborted" : "run"));
  await shell.ended();
  expect([errors, ran]).toEqual([[fault], ["run"]]);
});
