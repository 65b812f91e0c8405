import { expect, test } from "vitest";
import { typecheck } from "../../magics/typecheck.ts";
import { createNotebook, lineCall } from "./context.ts";
import { testMagic } from "./contract.ts";

testMagic(typecheck, { wrong: ["on", "--block"] });

test("%typecheck sets the mode, says it, and returns it where it is assigned", async () => {
  const notebook = createNotebook();
  await typecheck.run(lineCall("block"), notebook.context);
  expect(notebook.context.settings.get("typecheck")).toBe("block");
  expect(notebook.printed()).toBe("typecheck = block: a cell with type errors does not run\n");
  expect(await typecheck.run(lineCall("", { assigned: true }), notebook.context)).toBe("block");
});
