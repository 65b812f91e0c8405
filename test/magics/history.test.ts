import { expect, test } from "vitest";
import { history } from "../../magics/history.ts";
import { createNotebook, lineCall } from "./context.ts";
import { testMagic } from "./contract.ts";

testMagic(history, { wrong: ["--no-such-option", "-n 0", "-n x", "-g", "x"] });

const cells = ["1 + 1", "%sql select *\nfrom cars", "a.b(c)", "sql"].map((source, i) => ({
  session: 1,
  count: i + 1,
  source,
}));

test.each([
  ["", [1, 2, 3, 4]],
  ["-n 2", [3, 4]],
  ["-g sql", [2, 4]],
  ["-g sql -n 1", [4]],
  ['-g "sql*cars"', [2]],
  ["-g a?b(", [3]],
  ["-g a.c", []],
])("%%history %s", async (line, counts) => {
  const { context } = createNotebook({ history: cells });
  const expected = counts.map((count) => cells[count - 1]!.source);
  expect(await history.run(lineCall(line, { assigned: true }), context)).toEqual(expected);
});

test("%history prints cells so that they can be copied", async () => {
  const notebook = createNotebook({ history: cells });
  await history.run(lineCall("-n 2"), notebook.context);
  expect(notebook.printed()).toBe("// In[3]\na.b(c)\n\n// In[4]\nsql\n");
});
