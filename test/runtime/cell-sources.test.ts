import v8 from "node:v8";
import vm from "node:vm";
import { expect, test } from "vitest";
import { createCellSources } from "../../kernel/runtime/cell-sources.ts";

const code = {};

test("the newest cells make their maps when asked, older ones keep the map alone", () => {
  const sources = createCellSources();
  for (let n = 1; n <= 60; n += 1) {
    const map = { version: 3, mappings: `AAAA${n}`, sources: ["x"], names: [], sourcesContent: ["a long text"] };
    sources.add(`In[${n}].ts`, { name: `In[${n}]`, source: `cell ${n}` }, () => map, code);
  }
  sources.tidy();
  expect(sources.get("In[1].ts")).toEqual({
    name: "In[1]",
    source: "cell 1",
    map: { version: 3, mappings: "AAAA1", sources: ["x"], names: [] },
  });
  expect(sources.get("In[60].ts")?.map).toBeTypeOf("function");
  expect(sources.get("In[61].ts")).toBeUndefined();
});

test("a cell that is run again under its name counts as the newest", () => {
  const sources = createCellSources();
  const make = (mappings: string) => (): object => ({ version: 3, mappings, sources: [], names: [] });
  sources.add("clean.ts", { name: "clean.ts", source: "old" }, make("A"), code);
  for (let n = 1; n <= 49; n += 1) sources.add(`In[${n}].ts`, { name: `In[${n}]`, source: "" }, make("B"), code);
  sources.add("clean.ts", { name: "clean.ts", source: "new" }, make("C"), code);
  sources.tidy();
  expect(sources.get("clean.ts")?.source).toBe("new");
  expect(sources.get("clean.ts")?.map).toBeTypeOf("function");
});

test("of older cells those are forgotten of whose code nothing can run again", async () => {
  v8.setFlagsFromString("--expose-gc");
  const collect = vm.runInNewContext("gc") as () => void;
  const sources = createCellSources();
  const make = (): object => ({ version: 3, mappings: "A", sources: [], names: [] });
  for (let n = 1; n <= 510; n += 1) sources.add(`In[${n}].ts`, { name: "", source: "" }, make, n === 5 ? code : {});
  await new Promise(setImmediate); // a WeakRef that was just made holds on until the turn's end
  collect();
  sources.tidy();
  expect([1, 5, 10, 11, 510].filter((n) => sources.get(`In[${n}].ts`) !== undefined)).toEqual([5, 11, 510]);
  for (let n = 511; n <= 1_011; n += 1) sources.add(`In[${n}].ts`, { name: "", source: "" }, make, code);
  sources.tidy();
  await new Promise(setImmediate);
  collect();
  // V8 tells of what it has collected in a task of its own.
  const kept = (): number[] => [11, 510, 511, 1_011].filter((n) => sources.get(`In[${n}].ts`) !== undefined);
  await expect.poll(kept).toEqual([511, 1_011]);
});
