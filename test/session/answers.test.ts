import { expect, test } from "vitest";
import type { Completions } from "../../kernel/language/completions.ts";
import { type LiveCompletions, awaitCompletions } from "../../kernel/session/answers.ts";

const typed = (anyName: boolean, ...names: string[]): Completions => ({
  start: 0,
  end: 0,
  anyName,
  items: names.map((text) => ({ text, type: "", signature: "" })),
});
const live: LiveCompletions = { matches: ["live"], types: [""], start: 0, end: 0, place: "other" };

/** Says which answers are used, and whether the live values were asked. */
async function ask(before: string, known: Promise<Completions | undefined>): Promise<[boolean, boolean]> {
  let isAsked = false;
  const [, used] = await awaitCompletions(before, known, () => {
    isAsked = true;
    return Promise.resolve(live);
  });
  return [isAsked, used === live];
}

test("where the types know what follows a dot, the live values are not asked", async () => {
  for (const before of ["table.", "table.num", "f(x)?. na", "a\n  .b"]) {
    expect(await ask(before, Promise.resolve(typed(false, "numCols")))).toEqual([false, false]);
  }
});

test("where the types do not know it, they are", async () => {
  expect(await ask("value.", Promise.resolve(typed(false)))).toEqual([true, true]);
  expect(await ask("value.", Promise.resolve(undefined))).toEqual([true, true]);
  expect(await ask("value.", Promise.resolve(typed(true, "a")))).toEqual([true, true]);
});

test("names are asked of both, also behind three dots", async () => {
  for (const before of ["tab", "[...tab", ""]) {
    expect(await ask(before, Promise.resolve(typed(false, "table")))).toEqual([true, true]);
  }
});

test("types that take long do not hold the live values back", async () => {
  const answer = Promise.withResolvers<Completions | undefined>();
  const asked = Promise.withResolvers<void>();
  const both = awaitCompletions("table.", answer.promise, () => {
    asked.resolve();
    return Promise.resolve(live);
  });
  await asked.promise; // though the types have not answered
  answer.resolve(undefined);
  expect(await both).toEqual([undefined, live]);
});
