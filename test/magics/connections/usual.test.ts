import { afterEach, expect, test, vi } from "vitest";
import { addConnection, listTargets, removeConnection, usedNames } from "../../../magics/connections/registry.ts";
import { usualTarget } from "../../../magics/connections/usual.ts";

vi.stubEnv("XDG_CONFIG_HOME", "/nowhere");
vi.stubEnv("XDG_CACHE_HOME", "/nowhere"); // no servers of the person's own
vi.stubEnv("DATABASE_URL", undefined);

afterEach(async () => {
  for (const name of usedNames()) await removeConnection(name);
});

const usual = async (): Promise<string | undefined> => usualTarget(await listTargets())?.name;

test("the only connection is meant where none is named, of several none", async () => {
  expect(await usual()).toBeUndefined();
  await addConnection("a", "redis://h", "%connect");
  expect(await usual()).toBe("a");
  await addConnection("b", "redis://h2", "%connect");
  expect(await usual()).toBeUndefined();
});

test("of several, the one that the notebook has named, and not a server that runs beside it", async () => {
  await addConnection("mine", "redis://h", "%connect");
  const other = { source: "typhoon up", target: { ...(await listTargets())[0]!.target, name: "other" } } as const;
  expect(usualTarget([other, ...(await listTargets())])?.name).toBe("mine");
  const third = { ...other, target: { ...other.target, name: "third" } };
  const written = { source: "connections.toml", target: { ...other.target, name: "written" } } as const;
  expect(usualTarget([other, third])).toBeUndefined();
  expect(usualTarget([other, third, written])?.name).toBe("written");
});
