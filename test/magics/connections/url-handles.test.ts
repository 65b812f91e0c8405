import { afterEach, expect, test, vi } from "vitest";
import { removeConnection, usedNames } from "../../../magics/connections/registry.ts";
import { mongo } from "../../../magics/mongo/api.ts";
import { redis } from "../../../magics/redis/handle.ts";
import { attach } from "../../../magics/sql/attach.ts";

vi.stubEnv("XDG_CONFIG_HOME", "/nowhere");
vi.stubEnv("XDG_CACHE_HOME", "/nowhere"); // no servers of the person's own
vi.stubEnv("DATABASE_URL", undefined);

afterEach(async () => {
  for (const name of usedNames()) await removeConnection(name);
});

test.for([
  ["redis", () => redis("redis://:s3cret-word@127.0.0.1:1"), "nothing listens there"],
  ["mongo", () => mongo("mongodb://u:s3cret-word@127.0.0.1:1/d"), "nothing listens there"],
  [
    "redis of a URL of another",
    () => redis("mongodb://u:s3cret-word@h/d.c"),
    "a URL of MongoDB, not of Redis: write `connect(URL)`",
  ],
  ["mongo of one that is none", () => mongo("nope://u:s3cret-word@h"), "nothing connects to nope:"],
  ["attach", () => attach("postgresql://u:s3cret-word@h/d"), "Write `%connect URL --as NAME`, then the name"],
] as const)("%s takes a URL for one, and shows no password of it", async ([, ask, told]) => {
  const error = await Promise.resolve(ask()).catch((reason: unknown) => reason);
  expect(String(error)).toContain(told);
  expect(String(error)).not.toContain("s3cret-word");
  expect(usedNames()).toEqual([]);
});
