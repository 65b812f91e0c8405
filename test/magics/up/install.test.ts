import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test, vi } from "vitest";
import { installFolder } from "../../../magics/up/install.ts";
import { unpackDebian } from "../../../magics/up/install-debian.ts";
import { installPython } from "../../../magics/up/install-python.ts";
import type { Host } from "../../../magics/up/recipe.ts";

const packages = mkdtempSync(join(tmpdir(), "typhoon-packages-"));
chmodSync(packages, 0o755);
afterAll(() => rmSync(packages, { recursive: true }));

const steps: string[] = [];

function host(signal = new AbortController().signal): Host {
  return {
    signal,
    packages,
    say: () => {},
    step(label, _, work) {
      steps.push(label);
      return work();
    },
  };
}

/** What of a package is there, whole or not. */
const left = (id: string): string[] =>
  readdirSync(packages).filter((name) => name.startsWith(id) && !name.endsWith(".lock"));

test("a package is installed once, also where two want it at the same moment", async () => {
  const fill = async (folder: string): Promise<void> => writeFileSync(join(folder, "program"), "");
  const folders = await Promise.all([1, 2].map(() => installFolder("one-1.0", "installing one", host(), fill)));
  expect(folders).toEqual([join(packages, "one-1.0"), join(packages, "one-1.0")]);
  expect(existsSync(join(folders[0]!, "program"))).toBe(true);
  expect(steps.filter((label) => label === "installing one")).toHaveLength(1);
});

test("an installation that fails leaves nothing, and takes away what a killed one has left", async () => {
  mkdirSync(join(packages, "two-1.0.partial-1"));
  const failing = installFolder("two-1.0", "installing two", host(), async (folder) => {
    writeFileSync(join(folder, "half"), "");
    throw new Error("no network");
  });
  await expect(failing).rejects.toThrow("no network");
  expect(left("two")).toEqual([]);
});

test("an installation that is interrupted leaves nothing", async () => {
  const controller = new AbortController();
  const { signal } = controller;
  const running = installFolder("three-1.0", "installing three", host(signal), () => {
    controller.abort();
    return Promise.reject(signal.reason as Error);
  });
  await expect(running).rejects.toMatchObject({ name: "AbortError" });
  expect(left("three")).toEqual([]);
});

test("where the machine lacks what an installation needs, the error says what to do", async () => {
  vi.stubEnv("PATH", packages);
  vi.stubEnv("PYTHON", undefined);
  try {
    await expect(unpackDebian(["x"], "installing x", "install X by hand", host())).rejects.toMatchObject({
      name: "ServerFailure",
      message: "install X by hand",
    });
    await expect(installPython("x", "1", "installing x", host())).rejects.toThrow(
      /no Python with its venv module was found \(tried python3, python\): install one, .* python3-venv`, or name it in PYTHON/,
    );
  } finally {
    vi.unstubAllEnvs();
  }
  expect(left("x")).toEqual([]);
});
