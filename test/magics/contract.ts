import { getEventListeners } from "node:events";
import { setImmediate as turn } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { helpBundle } from "../../magics/help.ts";
import type { Magic, MagicCall } from "../../magics/magic.ts";
import { cellCall, codeCall, createNotebook, lineCall } from "./context.ts";

/** What the contract needs to know of one magic. */
export interface Contract {
  /** Lines that the magic must refuse; an unknown option by default. */
  readonly wrong?: readonly string[];
  /** A use that ends soon; an empty line or a short cell by default. */
  readonly short?: MagicCall;
  /**
   * A use that ends only by an interrupt. It is interrupted when it calls `ready` (also a name of the notebook),
   * or prints something.
   */
  readonly long?: (ready: () => void) => MagicCall;
}

const promptMs = 1000;

/** Tests what every magic promises: it documents itself, refuses nonsense, stops when interrupted, leaves nothing open. */
export function testMagic(magic: Magic, { wrong = ["--no-such-option"], short, long }: Contract = {}): void {
  describe(`%${magic.name} keeps the contract of magics`, () => {
    test("documents itself", () => {
      const [usage = "", does = ""] = magic.summary.split(/ {2}(.*)/);
      const form = magic.line ? "%" : "%%";
      expect(magic.name).toMatch(/^[a-z][a-z0-9]*$/);
      expect(usage.split(" ")[0]).toBe(`${form}${magic.name}`);
      expect(does).toMatch(/^[a-z].*[^.]$/);
      expect(magic.summary).not.toContain("\n");
      expect(magic.help).toMatch(new RegExp(`^(.* = )?(.*\\()?%%?${magic.name}\\b`, "m"));
      expect(magic.line ?? magic.cell).toBeDefined();
      expect(helpBundle(magic).data["text/plain"]).toContain(does.slice(1));
    });

    test.each(wrong)("refuses %j and says how it is written", async (line) => {
      const { context } = createNotebook();
      const error: unknown = await magic.run(call(magic, line), context).then(
        () => undefined,
        (reason: unknown) => reason,
      );
      expect(error).toMatchObject({ name: "UsageError" });
      expect((error as Error).message).toMatch(new RegExp(`^%${magic.name}: .*(Usage: %|\`%)[^]*$`));
    });

    test("ends at once if the cell is already interrupted", async () => {
      const notebook = createNotebook();
      notebook.abort();
      const start = performance.now();
      await Promise.allSettled([magic.run(long?.(() => {}) ?? short ?? call(magic, ""), notebook.context)]);
      expect(performance.now() - start).toBeLessThan(promptMs);
    });

    test("leaves nothing open", async () => {
      const { context } = createNotebook();
      const before = await openResources();
      await Promise.allSettled([magic.run(short ?? call(magic, ""), context)]);
      expect(added(before, await openResources())).toEqual([]);
      expect(getEventListeners(context.signal, "abort")).toEqual([]);
    });

    if (!long) return;
    test("stops within a second when the cell is interrupted, and leaves nothing open", async () => {
      const before = await openResources();
      const underWay = Promise.withResolvers<void>();
      const notebook = createNotebook({ names: { ready: underWay.resolve }, onPrint: () => underWay.resolve() });
      const running = magic.run(long(underWay.resolve), notebook.context);
      running.catch(() => underWay.resolve());
      await underWay.promise;
      const start = performance.now();
      notebook.abort();
      await expect(running).rejects.toMatchObject({ name: "AbortError" });
      expect(performance.now() - start).toBeLessThan(promptMs);
      expect(added(before, await openResources())).toEqual([]);
      expect(getEventListeners(notebook.context.signal, "abort")).toEqual([]);
    });
  });
}

function call(magic: Magic, line: string): MagicCall {
  const kind = magic.cell ?? magic.line;
  if (kind === "code") return codeCall(() => 1, line);
  return magic.line ? lineCall(line) : cellCall(line, "x\n");
}

/** Lists what keeps the process alive, after the turn of the event loop in which closed handles go. */
async function openResources(): Promise<string[]> {
  await turn();
  await turn();
  // The test runner's own messages come and go.
  return process.getActiveResourcesInfo().filter((name) => !/^(Immediate|MessagePort)$/.test(name));
}

function added(before: readonly string[], after: readonly string[]): string[] {
  const left = [...before];
  return after.filter((name) => {
    const at = left.indexOf(name);
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
}
