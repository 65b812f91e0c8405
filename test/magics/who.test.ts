import { expect, test } from "vitest";
import { who } from "../../magics/who.ts";
import { createNotebook, lineCall } from "./context.ts";
import { testMagic } from "./contract.ts";

testMagic(who);

test("%who lists the names", async () => {
  const notebook = createNotebook({ names: { cars: 1, mean: 2 } });
  await who.run(lineCall(), notebook.context);
  expect(notebook.printed()).toBe("cars  mean\n");
  expect(await who.run(lineCall("", { assigned: true }), notebook.context)).toEqual(["cars", "mean"]);
});

test("%who says so if there are none", async () => {
  const notebook = createNotebook();
  await who.run(lineCall(), notebook.context);
  expect(notebook.printed()).toBe("No names yet.\n");
});
