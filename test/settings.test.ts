import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { count, formatBytes, size, toggle } from "../kernel/setting-kinds.ts";
import { createSettings, describeSetting, settingNames } from "../kernel/settings.ts";

const gb = 2 ** 30;

describe("a value is read", () => {
  test.each([
    ["2GB", 2 * gb],
    ["2 gb", 2 * gb],
    ["1.5GiB", 1.5 * gb],
    ["512M", gb / 2],
    ["10KB", 10_240],
    ["2147483648", 2 * gb],
    ["1_000", 1000],
    ["100B", 100],
    ["1e9", 1e9],
  ])("size %s", (text, bytes) => expect(size().parse(text)).toBe(bytes));
  test.each(["", "much", "-2GB", "2XB", "GB", "1.2.3GB", "1e300", "9999999999TB"])("no size: %j", (text) =>
    expect(size().parse(text)).toBeUndefined(),
  );
  test("a number below the least is refused, by its form too", () => {
    expect(size({ least: 1024 }).parse("1000")).toBeUndefined();
    expect(size({ least: 1024 }).form).toBe("a size from 1 KB on, such as 512MB or 2GB");
    expect(count({ least: 1 }).parse("0")).toBeUndefined();
  });
  test("counts and switches", () => {
    expect(["1000", "10_000", "1.5", "-1", ""].map(count().parse)).toEqual([
      1000,
      10_000,
      undefined,
      undefined,
      undefined,
    ]);
    expect(["1", "true", "On", "0", "no", "maybe"].map(toggle.parse)).toEqual([
      true,
      true,
      true,
      false,
      false,
      undefined,
    ]);
  });
  test.each([
    [0, "0 B"],
    [512, "512 B"],
    [1536, "1.5 KB"],
    [512 * 2 ** 20, "512 MB"],
    [18 * gb, "18 GB"],
    [2000 * 2 ** 40, "2000 TB"],
  ])("%d bytes are written %s", (bytes, text) => expect(formatBytes(bytes)).toBe(text));
});

describe("settings", () => {
  test("come from the environment", () => {
    const settings = createSettings({ TYPHOON_MEMORY: "2GB", TYPHOON_PLAIN: "1", TYPHOON_HISTORY: "" });
    expect(settings.get("memory")).toBe(2 * gb);
    expect(settings.get("plain")).toBe(true);
    expect(settings.isSet("history")).toBe(false);
    expect(settings.toEnv()).toEqual({ TYPHOON_MEMORY: "2GB", TYPHOON_PLAIN: "1" });
    expect(settings.problems).toEqual([]);
  });

  test("a bad value in the environment is told and not used", () => {
    const settings = createSettings({ TYPHOON_MEMORY: "lots", TYPHOON_PLAIN: "perhaps" });
    expect(settings.isSet("memory")).toBe(false);
    expect(settings.problems).toEqual([
      expect.stringMatching(
        /^TYPHOON_MEMORY is a size from 256 MB on, such as 512MB or 2GB, not "lots"\. It is left at [\d.]+ [MGT]B$/,
      ),
      'TYPHOON_PLAIN is 1 or 0, not "perhaps". It is left at 0',
    ]);
  });

  test("a change is heard, goes to the next process and can be taken back", () => {
    const settings = createSettings({ TYPHOON_MEMORY: "1GB" });
    const heard: string[] = [];
    settings.onChange((name, text) => heard.push(`${name} ${text}`));
    settings.set("memory", "4GB");
    expect(createSettings(settings.toEnv()).get("memory")).toBe(4 * gb);
    settings.set("memory", "default");
    expect(settings.get("memory")).toBe(gb);
    expect(() => settings.set("memory", "4096")).toThrow(
      'memory is a size from 256 MB on, such as 512MB or 2GB, not "4096"',
    );
    expect(heard).toEqual(["memory 4GB", "memory default"]);
  });

  test("the README names every setting's environment variable", () => {
    const readme = readFileSync("README.md", "utf8");
    expect(settingNames().filter((name) => !readme.includes(`\`${describeSetting(name).env}`))).toEqual([]);
  });
});
