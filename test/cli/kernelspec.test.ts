import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { isAbsolute, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { isNpxCache } from "../../kernel/cli/install.ts";
import { createKernelspec, removeKernelspec, writeKernelspec } from "../../kernel/cli/kernelspec.ts";

let dataDir: string;

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "typhoon-data-"));
});
afterEach(() => rm(dataDir, { recursive: true }));

test("a kernelspec starts this Node and this kernel by absolute paths", async () => {
  const kernelspec = await createKernelspec({});
  const [node, main, file] = kernelspec.argv;
  expect(node).toBe(process.execPath);
  expect(isAbsolute(main ?? "")).toBe(true);
  expect(main).toMatch(/main\.js$/);
  expect(file).toBe("{connection_file}");
  expect(kernelspec).toMatchObject({
    display_name: "TypeScript (Typhoon)",
    language: "typescript",
    interrupt_mode: "message",
    kernel_protocol_version: "5.5",
    metadata: { supported_encryption: ["curve"] },
  });
});

test("a display name and variables are taken over", async () => {
  const kernelspec = await createKernelspec({ displayName: "TS", env: { REGION: "west", NODE_COMPILE_CACHE: "/c" } });
  expect(kernelspec.display_name).toBe("TS");
  expect(kernelspec.env).toEqual({ REGION: "west", NODE_COMPILE_CACHE: "/c" });
});

test("a written kernelspec has its logos, can be read by all, and leaves nothing beside it", async () => {
  const folder = await writeKernelspec(dataDir, "typhoon", await createKernelspec({}));
  const files = await readdir(folder);
  expect(files.toSorted()).toEqual(["kernel.json", "logo-32x32.png", "logo-64x64.png", "logo-svg.svg"]);
  const { mode } = await stat(folder);
  expect(mode & 0o005, "Windows has no such bits and tells that all are set").toBe(0o005);
  expect(await readdir(join(dataDir, "kernels"))).toEqual(["typhoon"]);
});

test("writing it again replaces the whole folder", async () => {
  const folder = join(dataDir, "kernels", "typhoon");
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "kernel.js"), "left over");
  await writeKernelspec(dataDir, "typhoon", await createKernelspec({ displayName: "new" }));
  expect(await readdir(folder)).not.toContain("kernel.js");
  expect(JSON.parse(await readFile(join(folder, "kernel.json"), "utf8"))).toMatchObject({ display_name: "new" });
});

test("a name that would leave the folder of kernels is refused", async () => {
  const kernelspec = await createKernelspec({});
  await expect(writeKernelspec(dataDir, "../x", kernelspec)).rejects.toThrow(/cannot be a kernelspec's name/);
  await expect(removeKernelspec(dataDir, "..")).rejects.toThrow(/cannot be a kernelspec's name/);
});

test("removing says whether there was anything", async () => {
  const folder = await writeKernelspec(dataDir, "typhoon", await createKernelspec({}));
  expect(await removeKernelspec(dataDir, "typhoon")).toBe(true);
  expect(existsSync(folder)).toBe(false);
  expect(await removeKernelspec(dataDir, "typhoon")).toBe(false);
});

test("npx's cache is recognised", () => {
  expect(isNpxCache(join("/home", "ada", ".npm", "_npx", "1f", "node_modules", "typhoon-kernel"))).toBe(true);
  expect(isNpxCache(join("/usr", "lib", "node_modules", "typhoon-kernel"))).toBe(false);
});
