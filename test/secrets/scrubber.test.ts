import { expect, test } from "vitest";
import { createScrubber, dots, scrubUrls } from "../../kernel/secrets/scrubber.ts";
import { createScrubbedStreams } from "../../kernel/secrets/streams.ts";

function knowing(...forms: string[]): ReturnType<typeof createScrubber> {
  const scrubber = createScrubber();
  scrubber.add(forms);
  return scrubber;
}

test("what holds no secret comes back as it is", () => {
  const scrubber = knowing("sesam-open");
  const value = { a: [1, "x", { b: null }], date: new Date(0), c: undefined };
  expect(scrubber.scrubValue(value)).toBe(value);
  const bytes = new Uint8Array([1, 2]);
  expect(scrubber.scrubBytes(bytes)).toBe(bytes);
  expect(createScrubber().isActive).toBe(false);
});

test("texts, names of members and numbers are replaced, the rest is kept", () => {
  const scrubber = knowing("sesam-open", "12345678");
  const value = { "the sesam-open": ["is sesam-open"], n: 12_345_678, m: 123_456_789, date: new Date(0) };
  expect(scrubber.scrubValue(value)).toEqual({
    [`the ${dots}`]: [`is ${dots}`],
    n: dots,
    m: 123_456_789,
    date: new Date(0),
  });
});

test("the longest form is replaced where one begins another", () => {
  expect(knowing("sesam", "sesam-open").scrub("a sesam-open b sesam c")).toBe(`a ${dots} b ${dots} c`);
});

test("a picture is not damaged by a short secret that its base64 holds by chance", () => {
  const scrubber = knowing("abcd", "long-secret");
  const value = { "image/png": "xxabcdxx", "text/plain": "xxabcdxx" };
  expect(scrubber.scrubValue(value)).toEqual({ "image/png": "xxabcdxx", "text/plain": `xx${dots}xx` });
  expect(scrubber.scrubValue({ "image/png": "long-secret" })).toEqual({ "image/png": dots });
});

test("bytes keep their length", () => {
  const clean = knowing("sésam").scrubBytes(Buffer.from("a sésam b"));
  expect(Buffer.from(clean).toString()).toBe("a ****** b");
});

test.each([
  ["postgresql://ann:pw@h/db", `postgresql://ann:${dots}@h/db`],
  ['connect("redis://:pw@h")', `connect("redis://:${dots}@h")`],
  ["https://h:8080/a@b", "https://h:8080/a@b"],
  ["postgresql://ann:${pw}@h/db", "postgresql://ann:${pw}@h/db"],
  ["no://colon@h", "no://colon@h"],
])("a URL loses its password: %s", (text, clean) => {
  expect(scrubUrls(text)).toBe(clean);
});

test("wherever writes end, a stream shows no secret, loses nothing and shows it in its order", () => {
  const forms = ["sesam-open", "open-sesame!", "sesesam", "1234"];
  const scrubber = knowing(...forms);
  const pieces = [
    "sesam-open",
    "open-sesame!",
    "sesesam",
    "1234",
    "se",
    "sesam",
    "open-",
    " ",
    "12",
    "x\n",
    "sesam-ope",
    "!",
  ];
  let seed = 7;
  const random = (below: number): number => (seed = (seed * 48_271) % 2_147_483_647) % below;
  for (let round = 0; round < 3_000; round++) {
    const text = Array.from({ length: 1 + random(8) }, () => pieces[random(pieces.length)]).join("");
    const streams = createScrubbedStreams(scrubber);
    let shown = "";
    for (let at = 0; at < text.length;) {
      const end = at + 1 + random(6);
      shown += streams.take("1", "stdout", text.slice(at, end), false);
      at = end;
    }
    shown += streams.release("1", "stdout");
    for (const form of forms) expect(shown).not.toContain(form);
    expect(clear(shown, text)).toBe(true);
  }

  /** Says whether a text is what was shown, with a secret or the rest of one in place of each mask. */
  function clear(shown: string, text: string): boolean {
    const rests = forms.flatMap((form) => Array.from({ length: Math.ceil(form.length / 4) }, (_, i) => form.slice(i)));
    const pattern = shown
      .split(dots)
      .map((part) => part.replaceAll(/[!-]/g, "\\$&"))
      .join(`(?:${rests.join("|")})`);
    return new RegExp(`^${pattern}$`, "s").test(text);
  }
});

test("text of a cell that has ended is shown at once, and the rest of a secret is not", () => {
  const streams = createScrubbedStreams(knowing("sesam-open"));
  expect(streams.take("1", "stdout", "a sesam", true)).toBe("a sesam");
  expect(streams.take("1", "stdout", "-open b", true)).toBe(`${dots} b`);
  expect(streams.take("2", "stdout", "-open b", true)).toBe("-open b");
});
