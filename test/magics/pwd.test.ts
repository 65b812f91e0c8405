import { expect, test } from "vitest";
import { pwd } from "../../magics/pwd.ts";
import { createNotebook, lineCall } from "./context.ts";
import { testMagic } from "./contract.ts";

testMagic(pwd, { wrong: ["--no-such-option", "x"] });

test("%pwd returns the working directory", async () => {
  expect(await pwd.run(lineCall(), createNotebook().context)).toBe(process.cwd());
});
