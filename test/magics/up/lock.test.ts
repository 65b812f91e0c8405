import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { withLock } from "../../../magics/up/lock.ts";

const folder = mkdtempSync(join(tmpdir(), "typhoon-lock-"));
const never = new AbortController().signal;

afterAll(() => rmSync(folder, { recursive: true }));

test("one at a time does the work, also where the file of the lock is deleted", async () => {
  const path = join(folder, "one.lock");
  let inside = 0;
  const seen: number[] = [];
  await Promise.all(
    [1, 2, 3, 4].map((turn) =>
      withLock(path, never, async () => {
        inside += 1;
        seen.push(inside);
        await new Promise(setImmediate);
        if (turn % 2 === 0) rmSync(path);
        inside -= 1;
      }),
    ),
  );
  expect(seen).toEqual([1, 1, 1, 1]);
});

test("who waits is told so once, and can be interrupted", async () => {
  const path = join(folder, "two.lock");
  const stop = new AbortController();
  const told: string[] = [];
  await withLock(path, never, async () => {
    const waiting = withLock(
      path,
      stop.signal,
      async () => {},
      () => {
        told.push("waiting");
        stop.abort();
      },
    );
    await expect(waiting).rejects.toMatchObject({ name: "AbortError" });
  });
  expect(told).toEqual(["waiting"]);
});
