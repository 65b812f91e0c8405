import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Measurement, measure } from "../conformance/measure.ts";
import { typhoonFromSources } from "../conformance/peers.ts";
import { chapters } from "../conformance/rules.ts";

// The same rules as on docs/conformance.md, here for Typhoon alone.

const notOffered = new Map([["debug-info", ["not offered", "debugger is no feature of it"]]]);

let measurement: Measurement;
beforeAll(() => {
  measurement = measure(typhoonFromSources());
});
afterAll(() => measurement[Symbol.asyncDispose]());

describe.for(chapters)("$title", ({ rules }) => {
  test.for(rules)("$id: $text", async (rule) => {
    const outcome = await measurement.check(rule);
    const reason = outcome.verdict === "met" ? "" : outcome.reason;
    expect([outcome.verdict, reason]).toEqual(notOffered.get(rule.id) ?? ["met", ""]);
  });
});

test("every rule has an id of its own", () => {
  const ids = chapters.flatMap((chapter) => chapter.rules.map(({ id }) => id));
  expect(new Set(ids).size).toBe(ids.length);
});
