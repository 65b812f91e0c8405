import { describe, expect, test } from "vitest";
import { createClearPace } from "../../kernel/session/clear-pace.ts";
import { createUpdatePace } from "../../kernel/session/update-pace.ts";

function recordClears(): { readonly seen: string[]; readonly pace: ReturnType<typeof createClearPace<string>> } {
  const seen: string[] = [];
  const pace = createClearPace<string>(
    (wait) => seen.push(wait ? "clear later" : "clear"),
    (item) => seen.push(item),
  );
  return { seen, pace };
}

describe("pictures that follow each other too fast", () => {
  test("are left out, but for the first and the last", () => {
    const { seen, pace } = recordClears();
    for (let i = 0; i < 1_000; i += 1) {
      pace.clear(true);
      pace.add(`picture ${i}`, 10);
    }
    pace.release();
    expect(seen).toEqual(["clear later", "picture 0", "clear later", "picture 999"]);
  });

  test("a clear that waits for an output which never comes leaves the last picture", () => {
    const { seen, pace } = recordClears();
    for (const picture of ["one", "two"]) {
      pace.clear(true);
      pace.add(picture, 10);
    }
    pace.clear(true);
    pace.release();
    expect(seen).toEqual(["clear later", "one", "clear later", "two", "clear later"]);
  });

  test("a clear that does not wait empties what waits", () => {
    const { seen, pace } = recordClears();
    pace.clear(false);
    pace.clear(true);
    pace.add("never seen", 10);
    pace.clear(false);
    pace.release();
    expect(seen).toEqual(["clear", "clear"]);
  });

  test("come by themselves when their time has come", async () => {
    const shown = Promise.withResolvers<string>();
    const pace = createClearPace<string>(
      () => {},
      (item) => item === "second" && shown.resolve(item),
    );
    pace.clear(true);
    pace.add("first", 10);
    pace.clear(true);
    pace.add("second", 10);
    expect(await shown.promise).toBe("second");
  });

  test("a flood after a clear is not kept back", () => {
    const { seen, pace } = recordClears();
    pace.clear(true);
    pace.clear(true);
    for (let i = 0; i < 2_000; i += 1) pace.add(String(i), 10);
    expect(seen.length).toBe(2_002);
  });
});

describe("updates of a display", () => {
  const update = (text: string) =>
    ({ type: "update_display_data", content: { data: { "text/plain": text } } }) as const;
  const text = ({ content }: { readonly content: unknown }): string =>
    (content as { data: Record<string, string> }).data["text/plain"]!;

  test("the first comes at once, the last in the end, of those between few", async () => {
    const seen: string[] = [];
    const last = Promise.withResolvers<void>();
    const pace = createUpdatePace<string>((_, publication) => {
      seen.push(text(publication));
      if (seen.at(-1) === "999") last.resolve();
    });
    for (let i = 0; i < 1_000; i += 1) pace.add("cell", "a", update(String(i)), 10);
    expect(seen).toEqual(["0"]);
    await last.promise;
    expect(seen).toEqual(["0", "999"]);
  });

  test("a flush gives the owner's last ones at once, and nobody else's", () => {
    const seen: string[] = [];
    const pace = createUpdatePace<string>((owner, publication) => seen.push(`${owner} ${text(publication)}`));
    pace.add("one", "a", update("1"), 10);
    pace.add("one", "a", update("2"), 10);
    pace.add("two", "b", update("3"), 10);
    pace.flush("one");
    expect(seen).toEqual(["one 1", "one 2"]);
    pace.flush("two");
    expect(seen.at(-1)).toBe("two 3");
  });

  test("what waits for a display that is shown anew is void", () => {
    const seen: string[] = [];
    const pace = createUpdatePace<string>((_, publication) => seen.push(text(publication)));
    pace.add("cell", "a", update("1"), 10);
    pace.add("cell", "a", update("old"), 10);
    pace.drop("a");
    pace.flush("cell");
    expect(seen).toEqual(["1"]);
  });

  test("of many large ones no more is taken than what is sent soon; of one display any size", async () => {
    const seen: string[] = [];
    const pace = createUpdatePace<string>((_, publication) => seen.push(text(publication)));
    for (let i = 0; i < 10; i += 1) pace.add("cell", "large", update(String(i)), 50 * 2 ** 20);
    expect(pace.room()).toBeUndefined();
    pace.add("cell", "other", update("other"), 10);
    await pace.room();
    expect(seen).toEqual(["0", "9"]);
    expect(pace.room()).toBeUndefined();
    pace.add("cell", "large", update("again"), 50 * 2 ** 20);
    const room = pace.room();
    expect(room).toBeInstanceOf(Promise);
    pace.flush("cell");
    await room;
  });
});
