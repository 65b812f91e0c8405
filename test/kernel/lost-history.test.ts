import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { startTestKernel } from "./harness.ts";

test("%export says which cells the history lacks", async () => {
  const kernel = await startTestKernel();
  for (const code of ["const a = 1", "const b = 2", "const c = 3"]) await kernel.run(code);
  const history = new DatabaseSync(join(kernel.folder, "history.sqlite"));
  history.exec("delete from cells where line in (1, 3)");
  history.close();
  const { stdout } = await kernel.run("%export lacking.ts");
  await kernel.shutdown();
  expect(stdout).toBe(
    "Wrote lacking.ts: 1 cell.\nIn[1] and In[3] are left out, as the history has lost the text: run them again and export anew\n",
  );
});
