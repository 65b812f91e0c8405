import { expect, test } from "vitest";
import { explain, replyFailure } from "../../../magics/redis/failure.ts";

const place = { name: "cache", where: "redis://h:1", isTls: false, isCluster: false, connectTimeoutMs: 10_000 };

test("what the server says is kept, and what to do is added", () => {
  const failure = replyFailure("WRONGTYPE Operation against a key holding the wrong kind of value", place);
  expect(failure).toMatchObject({ name: "WrongType", code: "WRONGTYPE" });
  expect(failure.message).toMatch(/^WRONGTYPE Operation.* kind of value\. `%redis TYPE key`/);
});

test.each([
  ["ECONNREFUSED", /nothing listens there.*%up redis/],
  ["ENOTFOUND", /no host of that name/],
  ["ETIMEDOUT", /no answer within 10 s/],
  ["DEPTH_ZERO_SELF_SIGNED_CERT", /not trusted.*tls_ca=FILE/],
  ["ERR_SSL_WRONG_VERSION_NUMBER", /speaks no TLS on this port: write redis:\/\//],
  ["ECONNRESET", /was lost.*rediss:\/\/.*connects anew/],
])("a connection that fails by %s says what to do", (code, message) => {
  const error = Object.assign(new Error("it failed"), { code });
  expect(explain(new Error("Connection is closed."), "get", place, error)).toMatchObject({
    name: "ConnectionError",
    message: expect.stringMatching(message) as string,
  });
});

test.each(['Unknown RESP type 72 "H". Please report this.'])("%s: what answers is no Redis", (message) => {
  for (const [error, last] of [
    [new Error(message), undefined],
    [new Error("Connection is closed."), new Error(message)],
  ] as const)
    expect(explain(error, "ping", place, last).message).toBe(
      'what answers at redis://h:1 is no Redis. Check host and port of the connection "cache"',
    );
});

test("a password among the arguments of a command is not in its error", () => {
  const error = Object.assign(new Error("WRONGPASS invalid"), { command: { name: "hello", args: ["AUTH", "s3cret"] } });
  const explained = explain(error, "hello", place, undefined);
  expect(JSON.stringify(explained, Object.getOwnPropertyNames(explained))).not.toContain("s3cret");
  expect(explained.cause).toBeUndefined();
});
