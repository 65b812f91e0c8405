import { expect, test } from "vitest";
import { cellsFile, emptyDocument } from "../../kernel/language/bindings.ts";
import { createSlots } from "../../kernel/language/slots.ts";

function open(): { slots: ReturnType<typeof createSlots>; texts: Map<string, string> } {
  const texts = new Map<string, string>();
  return { slots: createSlots((file, text) => void texts.set(file, text)), texts };
}

test("documents are open before a cell takes them, and the cells' document names each", () => {
  const { slots, texts } = open();
  const before = new Map(texts);
  const taken = Array.from({ length: 10 }, () => slots.take(false));
  expect(new Set(taken).size).toBe(10);
  expect(texts).toEqual(before);
  for (const file of taken) {
    expect(texts.get(file)).toBe(emptyDocument);
    expect(texts.get(cellsFile)).toContain(`"./${file}"`);
  }
});

test("there is one for each of many cells, and a cell with JSX has one for JSX", () => {
  const { slots, texts } = open();
  const taken = Array.from({ length: 200 }, (_, i) => slots.take(i % 7 === 0));
  expect(new Set(taken).size).toBe(200);
  for (const [i, file] of taken.entries()) {
    expect(file).toMatch(i % 7 === 0 ? /\.tsx$/ : /\.ts$/);
    expect(texts.get(cellsFile)).toContain(`"./${file}"`);
  }
});

test("one that is given back is taken again, or emptied", () => {
  const { slots, texts } = open();
  for (const tsx of [false, true]) {
    const file = slots.take(tsx);
    texts.set(file, "const a = 1");
    slots.free(file);
    expect(slots.take(tsx)).toBe(file);
    slots.clean();
    expect(texts.get(file)).toBe("const a = 1");
    slots.free(file);
    slots.clean();
    expect(texts.get(file)).toBe(emptyDocument);
  }
});

test("more are opened where few are left, one by one", () => {
  const { slots, texts } = open();
  expect(slots.openAhead()).toBeUndefined();
  slots.take(false);
  slots.take(false);
  const file = slots.openAhead()!;
  expect(texts.get(file)).toBe(emptyDocument);
  expect(slots.openAhead()).not.toBe(file);
  expect(slots.openAhead()).toBeUndefined();
});
