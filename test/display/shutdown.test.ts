import { spawnSync } from "node:child_process";
import { runInNewContext } from "node:vm";
import { describe, expect, test } from "vitest";
import { awaitsShutdown, onShutdown, shutDown } from "../../display/shutdown.ts";

describe("shutDown", () => {
  test("closes the newest first, all at the same time, and reports what fails", async () => {
    const begun: string[] = [];
    const reports: string[] = [];
    const second = Promise.withResolvers<void>();
    onShutdown("first", () => {
      begun.push("first");
      second.resolve();
    });
    onShutdown("second", () => {
      begun.push("second");
      return second.promise;
    });
    onShutdown("broken", async () => {
      throw new Error("no server");
    });
    onShutdown("foreign", () => {
      runInNewContext(`throw new Error("no realm")`);
    });
    onShutdown("taken back", () => begun.push("taken back"))();
    await shutDown(1_000, (text) => reports.push(text));
    expect(begun).toEqual(["second", "first"]);
    expect(reports.toSorted()).toEqual([
      expect.stringMatching(/^closing broken failed: Error: no server\n {4}at /),
      expect.stringMatching(/^closing foreign failed: [^]*Error: no realm\n {4}at /),
    ]);
    expect(awaitsShutdown()).toBe(false);
  });

  test("gives up what takes longer than the limit, by name", async () => {
    const reports: string[] = [];
    onShutdown("slow", () => new Promise(() => {}));
    onShutdown("quick", () => {});
    await shutDown(10, (text) => reports.push(text));
    expect(reports).toEqual(["closing slow was given up after 10 ms"]);
  });
});

test("a plain program closes when it has nothing left to do", () => {
  const program = `import { onShutdown } from "./display/shutdown.ts"
    onShutdown("a", async () => { await new Promise((done) => setTimeout(done, 5)); console.log("closed") })
    setTimeout(() => console.log("last"), 5)`;
  const { stdout } = spawnSync(process.execPath, ["--input-type=module", "-e", program], { encoding: "utf8" });
  expect(stdout).toBe("last\nclosed\n");
});
