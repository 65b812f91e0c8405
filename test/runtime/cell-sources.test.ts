import { expect, test } from "vitest";
import { createCellSources } from "../../kernel/runtime/cell-sources.ts";

test("the newest cells make their maps when asked, older ones keep the map alone", () => {
  const sources = createCellSources();
  for (let n = 1; n <= 60; n += 1) {
    const map = { version: 3, mappings: `AAAA${n}`, sources: ["x"], names: [], sourcesContent: ["a long text"] };
    sources.add(`In[${n}].ts`, { name: `In[${n}]`, source: `cell ${n}` }, () => map);
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
  sources.add("clean.ts", { name: "clean.ts", source: "old" }, make("A"));
  for (let n = 1; n <= 49; n += 1) sources.add(`In[${n}].ts`, { name: `In[${n}]`, source: "" }, make("B"));
  sources.add("clean.ts", { name: "clean.ts", source: "new" }, make("C"));
  sources.tidy();
  expect(sources.get("clean.ts")?.source).toBe("new");
  expect(sources.get("clean.ts")?.map).toBeTypeOf("function");
});
