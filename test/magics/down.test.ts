import { expect, test } from "vitest";
import { downMagic } from "../../magics/down.ts";
import { createNotebook, lineCall } from "./context.ts";
import { testMagic } from "./contract.ts";

testMagic(downMagic, { wrong: ["", "--no-such-option"], short: lineCall("no-such-server") });

test("a server that was never started is told as such", async () => {
  const { context } = createNotebook();
  await expect(downMagic.run(lineCall("no-such-server"), context)).rejects.toThrow(
    /^%down: there is no server "no-such-server"\. (None was ever started|There (is|are) .*)$/,
  );
});
