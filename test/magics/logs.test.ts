import { expect, test } from "vitest";
import { logsMagic } from "../../magics/logs.ts";
import { createNotebook, lineCall } from "./context.ts";
import { testMagic } from "./contract.ts";

testMagic(logsMagic, { wrong: ["", "--no-such-option", "a b", "a -n 0"], short: lineCall("no-such-server") });

test("a server that was never started is told as such", async () => {
  const { context } = createNotebook();
  await expect(logsMagic.run(lineCall("no-such-server"), context)).rejects.toMatchObject({
    name: "ServerError",
    message: expect.stringContaining('%logs: there is no server "no-such-server"') as string,
  });
});
