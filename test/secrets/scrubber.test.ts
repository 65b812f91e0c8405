import { expect, test } from "vitest";
import { createScrubber } from "../../kernel/secrets/scrubber.ts";
import { createScrubbedStreams } from "../../kernel/secrets/streams.ts";
import { formsOf } from "../../magics/known-secrets.ts";
import { dots } from "../../magics/mask-secrets.ts";

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
});

test.each([0, 1, 2, 3])("binary data loses a secret behind %i bytes, and stays what it is", (before) => {
  const bytes = Buffer.concat([Buffer.alloc(before, 255), Buffer.from("long-secret"), Buffer.from([1, 2])]);
  const key = "application/vnd.apache.arrow.stream";
  const clean = knowing("long-secret").scrubValue({ [key]: bytes.toString("base64") });
  const hidden = Buffer.concat([Buffer.alloc(before, 255), Buffer.from("***********"), Buffer.from([1, 2])]);
  expect(Buffer.from(clean[key], "base64")).toEqual(hidden);
});

test.each([0, 1, 2, 3])("a text loses a secret that is in its base64 behind %i bytes", (before) => {
  const scrubber = createScrubber();
  scrubber.add(formsOf("a-long-secret", "ada"));
  const text = Buffer.concat([Buffer.alloc(before, 1), Buffer.from("a-long-secret"), Buffer.from("more")]);
  const clean = Buffer.from(scrubber.scrub(text.toString("base64")).replaceAll(dots, ""), "base64");
  expect(clean.toString("latin1")).not.toContain("long-secret");
  expect(scrubber.scrub(text.toString("base64"))).toContain(dots);
});

test("bytes keep their length", () => {
  const clean = knowing("sésam").scrubBytes(Buffer.from("a sésam b"));
  expect(Buffer.from(clean).toString()).toBe("a ****** b");
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
