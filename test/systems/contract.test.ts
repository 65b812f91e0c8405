import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { testSystem } from "./contract/contract.ts";
import { engineTable } from "./contract/engines.ts";
import { mongoSystem } from "./contract/mongo.ts";
import { redisSystem } from "./contract/redis.ts";
import { sqlSystems } from "./contract/sql.ts";

for (const system of [...sqlSystems, mongoSystem, redisSystem]) testSystem(system);

// `vitest run --project systems test/systems/contract.test.ts -u` writes the table.
test("the README's table of engines says what passed", async () => {
  const readme = await readFile("README.md", "utf8");
  const wanted = readme.replace(
    /(<!-- engines -->\n)[\s\S]*(<!-- \/engines -->)/,
    (_, begin, end) => `${begin}\n${engineTable()}\n\n${end}`,
  );
  expect(wanted).toContain("<!-- engines -->");
  await expect(wanted).toMatchFileSnapshot("../../README.md");
});
