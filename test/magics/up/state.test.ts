import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { identify, isRunning } from "../../../magics/up/process-identity.ts";
import { cacheFolder, socketPath } from "../../../magics/up/places.ts";
import { readKept, writeKept } from "../../../magics/up/state.ts";

const folder = mkdtempSync(join(tmpdir(), "typhoon-state-"));
afterAll(() => rmSync(folder, { recursive: true }));

test("what is kept of a server is its owner's only", () => {
  const kept = { recipe: "postgres", dataVersion: "18", ports: [1], user: "u", password: "p", isComplete: true };
  writeKept(folder, kept);
  expect(readKept(folder)).toEqual(kept);
  expect(statSync(join(folder, "server.json")).mode & 0o777).toBe(0o600);
});

test("a later process with the id of an earlier one is told from it", async () => {
  const child = spawn(process.execPath, ["-e", "process.stdin.resume()"], { stdio: ["pipe", "ignore", "ignore"] });
  const identity = identify(child.pid!);
  expect(isRunning(identity)).toBe(true);
  expect(isRunning({ ...identity, started: "another moment" })).toBe(false);
  child.kill();
  await once(child, "exit");
  expect(isRunning(identity)).toBe(false);
});

test("the cache folder is the user's, or for root one that servers of other users can enter", () => {
  const open = cacheFolder({ XDG_CACHE_HOME: "/usr" });
  expect(open).toBe(join("/usr", "typhoon"));
  const closed = cacheFolder({ XDG_CACHE_HOME: folder }); // mkdtemp makes folders that only their owner can enter
  expect(closed).toBe(process.getuid?.() === 0 ? "/var/cache/typhoon" : join(folder, "typhoon"));
});

test("a socket's path is never longer than the system allows", () => {
  expect(socketPath("/short")).toBe("/short/supervisor.sock");
  expect(socketPath(`/${"long/".repeat(40)}`).length).toBeLessThan(104);
});
