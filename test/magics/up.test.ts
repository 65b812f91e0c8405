import { expect, test } from "vitest";
import { upMagic } from "../../magics/up.ts";
import { createNotebook, lineCall } from "./context.ts";
import { testMagic } from "./contract.ts";

testMagic(upMagic, {
  wrong: ["", "--no-such-option", "postgres --port x", "postgres mysql --port 4000", "postgres --cluster"],
  short: lineCall("nothing"),
});

test("a server that nobody knows is told with those that can be started", async () => {
  const { context } = createNotebook();
  await expect(upMagic.run(lineCall("postgre"), context)).rejects.toThrow(
    '%up: there is no server "postgre" to start. Did you mean postgres?',
  );
  await expect(upMagic.run(lineCall("oracle"), context)).rejects.toThrow(/There are mongo, mysql, postgres, redis/);
});
