import { describe, expect, test, vi } from "vitest";
import { mongoMagic } from "../../magics/mongo.ts";
import { cellCall, createNotebook, lineCall, template } from "./context.ts";
import { testMagic } from "./contract.ts";
import { addConnection, removeConnection } from "../../magics/connections/registry.ts";

vi.stubEnv("XDG_CACHE_HOME", "/nowhere"); // no servers of the person's own

testMagic(mongoMagic, {
  wrong: [
    "",
    "--no-such-option",
    "orders --limit x",
    "orders --limit 0 {}",
    "orders --timeout soon {}",
    "orders --schema",
  ],
});

function run(line: string, body?: string): Promise<unknown> {
  const { context } = createNotebook();
  return mongoMagic.run(body === undefined ? lineCall(line) : cellCall(line, body), context);
}

describe("%mongo says what to do", () => {
  test("without a connection", async () => {
    await expect(run("orders {}")).rejects.toThrow(
      /no connection to a MongoDB yet\. Write `%connect mongodb:.*%up mongo/,
    );
  });

  test("with text behind the line of %%mongo", async () => {
    await expect(run("orders { a: 1 }", "{}")).rejects.toThrow(
      /nothing to do with "\{"; the body begins on the next line/,
    );
    const { context } = createNotebook();
    const call = cellCall("", "{}");
    await expect(mongoMagic.run({ ...call, line: template`orders ${{ a: 1 }}` }, context)).rejects.toThrow(
      "the body begins on the next line",
    );
  });

  test("with commands that have more than they need", async () => {
    await expect(run("collections shop { a: 1 }")).rejects.toThrow(
      "nothing but a name stands behind `%mongo collections`",
    );
    await expect(run("indexes")).rejects.toThrow("%mongo indexes shop.orders");
  });

  test("with a connection of another kind, an unknown one, and one of several", async () => {
    await addConnection("lite", "sqlite::memory:", "%connect");
    await addConnection("shop", "mongodb://127.0.0.1:1/shop", "%connect");
    await addConnection("archive", "mongodb://127.0.0.1:1/archive", "%connect");
    try {
      await expect(run("lite.orders {}")).rejects.toThrow(
        'the connection "lite" is sqlite::memory:, which is no MongoDB',
      );
      await expect(run("shpo.orders {}")).rejects.toThrow('no connection "shpo". Did you mean shop?');
      await expect(run("orders {}")).rejects.toThrow(/several connections \(shop, archive\).*`%%mongo shop.orders`/);
    } finally {
      for (const name of ["lite", "shop", "archive"]) await removeConnection(name);
    }
  });

  test("where nothing listens, without the password", async () => {
    await addConnection("gone", "mongodb://ada:s3cretword@127.0.0.1:1/shop?connect_timeout=300ms", "%connect");
    try {
      const error = (await run("gone.orders {}").catch((reason: unknown) => reason)) as Error;
      expect(error).toMatchObject({ name: "ConnectionError" });
      expect(error.message).toMatch(/127\.0\.0\.1.*nothing listens there\. Start the server \(%up mongo/);
      expect(error.message).not.toContain("s3cretword");
    } finally {
      await removeConnection("gone");
    }
  });
});
