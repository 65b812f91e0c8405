import { describe, expect, test } from "vitest";
import { toOperation } from "../../../magics/mongo/operation.ts";

describe("a body", () => {
  test("is a pipeline, a filter, or an operation", () => {
    const pipeline = [{ $match: { a: 1 } }];
    expect(toOperation(pipeline)).toEqual({ name: "aggregate", argument: pipeline, options: {} });
    expect(toOperation({ region: "west" })).toEqual({ name: "find", argument: { region: "west" }, options: {} });
    expect(toOperation({})).toEqual({ name: "find", argument: {}, options: {} });
    expect(toOperation({ find: { a: 1 }, sort: { a: 1 }, limit: 3 })).toEqual({
      name: "find",
      argument: { a: 1 },
      options: { sort: { a: 1 }, limit: 3 },
    });
  });

  test("may have the form of a bulk write", () => {
    const plain = { name: "updateOne", argument: { a: 1 }, options: { update: { $set: { b: 2 } }, upsert: true } };
    expect(toOperation({ updateOne: { a: 1 }, update: { $set: { b: 2 } }, upsert: true })).toEqual(plain);
    expect(toOperation({ updateOne: { filter: { a: 1 }, update: { $set: { b: 2 } }, upsert: true } })).toEqual(plain);
  });

  test.each([
    ["text", /this is a string\. Write a pipeline as an array/],
    [null, /this is a null/],
    [{ find: {}, srot: {} }, /find has no option srot\. Did you mean sort\?/],
    [{ find: {}, deleteOne: {} }, /one body has one operation, not find and deleteOne/],
    [{ updateOne: { a: 1 } }, /updateOne needs update: write \{ updateOne/],
    [{ replaceOne: { a: 1 }, update: {} }, /replaceOne has no option update/],
    [{ inserOne: { a: 1 } }, /no operation inserOne\. Did you mean insertOne\?/],
  ])("%j is refused", (body, message) => {
    expect(() => toOperation(body)).toThrow(message);
  });
});
