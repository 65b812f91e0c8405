import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Completion } from "../../kernel/runtime/candidates.ts";
import { createScopes } from "../../kernel/runtime/scope.ts";
import { type LiveQuestions, createLiveQuestions } from "./busy-main.ts";
import { type NotebookFolder, createNotebookFolder } from "./notebook-folder.ts";

let live: LiveQuestions;
let notebook: NotebookFolder;
const effects: string[] = [];

class Animal {
  name = "cat";
  _hidden = 1;
  speak(): string {
    return this.name;
  }
  get loud(): string {
    effects.push("loud");
    return this.name;
  }
  get legs(): readonly number[] {
    return [4];
  }
}

beforeAll(async () => {
  notebook = createNotebookFolder({
    "clean.ts": "",
    "data/points.json": "",
    "node_modules/zod/index.js": "",
    ".env": "",
  });
  const scopes = createScopes();
  const names: Record<string, unknown> = {
    cars: { origin: "Japan", "miles per gallon": 1, nested: [{ deep: { bottom: 1 } }] },
    animal: new Animal(),
    table: new Map([["a", 1]]),
    wide: new Float64Array(10_000_000),
    many: Array.from({ length: 1_000_000 }, (_, i) => i),
    Größe: 1,
    text: "abc",
    hostile: new Proxy({}, { ownKeys: () => (effects.push("trap"), []), get: () => effects.push("trap") }),
    __dirname: notebook.path,
  };
  for (const [name, value] of Object.entries(names)) {
    scopes.place(name);
    scopes.declare("const", name, value);
  }
  scopes.place("path");
  scopes.place("joined");
  scopes.bind(
    ((await notebook.cell("return { module: await import('node:path') }")) as { module: object }).module,
    "node:path",
    [
      ["*", "path"],
      ["posix", "joined"],
    ] as never,
  );
  scopes.provide("lazy", () => ({ made: 1 }));
  live = await createLiveQuestions(scopes.objects, notebook.path);
});
afterAll(async () => {
  await live[Symbol.asyncDispose]();
  notebook[Symbol.dispose]();
});

/** Completes at the bar in the code. */
function at(marked: string): Completion {
  const offset = marked.indexOf("|");
  return live.ask({ type: "complete", code: marked.replace("|", ""), offset }) as Completion;
}

describe("while the main thread spins", () => {
  test.for([
    ["cars.|", ["nested", "origin"]],
    ["const x = 1\ncars.or|", ["origin"]],
    ["cars?.or|", ["origin"]],
    ["cars!.or|", ["origin"]],
    ["cars.nested[0].deep.|", ["bottom"]],
    ['cars["nested"][0].de|', ["deep"]],
    ["f(1, [cars.nes|", ["nested"]],
    ["`a ${cars.or|", ["origin"]],
    ["animal.sp|", ["speak"]],
    ["animal.name.toUp|", ["toUpperCase"]],
    ["table.si|", ["size"]],
    ["table.size.toFi|", ["toFixed"]],
    ['"abc".pads|', ["padStart"]],
    ["`abc`.pads|", ["padStart"]],
    ["text.pads|", ["padStart"]],
    ["cars.nested.map((one) => one.de|", ["deep"]],
    ["cars.nested.filter(one => one.deep.bo|", ["bottom"]],
    ["cars.nested.forEach((one, i) => { one.de|", ["deep"]],
    ["for (const one of cars.nested) { one.de|", ["deep"]],
    ["[1, 2].findL|", ["findLast", "findLastIndex"]],
    ["/a'/.tes|", ["test"]],
    ["a / 2; cars.or|", ["origin"]],
    ["wide.subar|", ["subarray"]],
    ["many.findL|", ["findLast", "findLastIndex"]],
    ["path.dirn|", ["dirname"]],
    ["joined.dirn|", ["dirname"]],
    ["path.posix.dirn|", ["dirname"]],
    ["Math.sq|", ["sqrt"]],
    ["ca|", ["cars", "case", "catch"]],
    ["Grö|", ["Größe"]],
    ["// a's\nanim|", ["animal"]],
    ["setTime|", ["setTimeout"]],
    ["ANIM|", ["animal"]],
    ['cars["mi|', ["miles per gallon"]],
    ["%t|", ["time", "timeit"]],
    ["%%s|", ["sh", "sql"]],
    ["1\n  %sq|", ["sql"]],
    ["const a = %sq|", ["sql"]],
    ["%sh echo it's\ncars.or|", ["origin"]],
    ["%time cars.or|", ["origin"]],
    ['import { a } from "./cl|', ["./clean.ts"]],
    ['await import("./da|', ["./data/"]],
    ['require("./data/|', ["./data/points.json"]],
    ['import z from "zo|', ["zod"]],
    ['import z from "node:fs|', ["node:fs", "node:fs/promises"]],
  ] as const)("%s", ([code, expected]) => {
    const { matches } = at(code);
    expect(matches.slice(0, expected.length)).toEqual(expected);
  });

  test("the kernel's own globals are made for it", () => {
    expect(at("lazy.|").matches[0]).toBe("made");
  });

  test.for(["// cars.|", '"cars.|', "`cars.|", "1.|", "f().|", "nowhere.|", "animal.loud.|", "hostile.|"])(
    "nothing for %s",
    (code) => {
      expect(at(code).matches).toEqual([]);
      expect(effects).toEqual([]);
    },
  );
});

test("own members come first, then inherited ones, and names with an underscore last", () => {
  const { matches, types } = at("animal.|");
  expect(matches[0]).toBe("name");
  expect(matches.indexOf("speak")).toBeLessThan(matches.indexOf("hasOwnProperty"));
  expect(matches.findIndex((name) => name.startsWith("_"))).toBeGreaterThan(matches.indexOf("hasOwnProperty"));
  expect(types[matches.indexOf("speak")]).toBe("function");
  expect(effects).toEqual([]);
});

test("a getter without effects may stand in a path", () => {
  expect(at("animal.legs[0].toFi|").matches).toEqual(["toFixed"]);
});

test("says what a match replaces", () => {
  expect(at("const 😀 = cars.or|")).toMatchObject({ start: 16, end: 18, types: ["property"] });
});

test("a list is bounded", () => {
  expect(at("|").matches.length).toBeLessThanOrEqual(500);
});
