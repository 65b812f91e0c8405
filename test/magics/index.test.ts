import { readdirSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { usage } from "../../magics/arguments.ts";
import { loadMagic, magicNames, magicSyntax, suggest } from "../../magics/index.ts";

describe("the table of magics", () => {
  test.each(magicNames())("%s is in step with its module", async (name) => {
    const magic = await loadMagic(name);
    const { line, cell, arrow } = magic;
    expect(magic.name).toBe(name);
    expect(magicSyntax(name)).toEqual({ ...(line && { line }), ...(cell && { cell }), ...(arrow && { arrow }) });
  });

  test.each(magicNames())("%s completes the options of its usage", async (name) => {
    const magic = await loadMagic(name);
    const options = Array.from(usage(magic).matchAll(/\[(--?[a-z-]+)/g), ([, option]) => option!);
    expect(Object.keys(magic.takes?.options ?? {})).toEqual(expect.arrayContaining(options));
  });

  test("is in alphabetical order, and every magic has its test", () => {
    const tests = readdirSync(import.meta.dirname);
    expect(magicNames()).toEqual(magicNames().toSorted());
    expect(magicNames().filter((name) => !tests.some((file) => file.startsWith(`${name}.`)))).toEqual(["js"]);
  });

  test("names of Object's own members are not magics", async () => {
    expect(magicSyntax("constructor")).toBeUndefined();
    await expect(loadMagic("toString")).rejects.toThrow("%toString: there is no such magic");
  });
});

describe("a wrong name", () => {
  test.each([
    ["tme", "Did you mean %time?"],
    ["HTML", "Did you mean %%html?"],
    ["lsmagics", "Did you mean %lsmagic?"],
    ["emv", "Did you mean %env?"],
    ["ls", "Did you mean %%js?"],
    ["hist", "Did you mean %history?"],
    ["write", "Did you mean %%writefile?"],
    ["zzzzzz", "%lsmagic lists all magics."],
  ])("%s: %s", (name, hint) => expect(suggest(name)).toBe(hint));
});
