import { afterEach, beforeEach, expect, test } from "vitest";
import { setOutput } from "../../display/output.ts";
import { display, newDisplay } from "../../display/tslab.ts";
import { recordingOutput } from "./recording-output.ts";

let output = recordingOutput();
beforeEach(() => {
  output = recordingOutput();
  setOutput(() => output);
});
afterEach(() => setOutput(() => undefined));

test("every bundle has text: the content where that is text, else its kind and size", () => {
  display.html("<b>x</b>");
  display.pdf(Uint8Array.of(1, 2, 3));
  display.raw("application/vnd.x+json", { a: 1 });
  display.raw("application/vnd.x", "abc");
  display.raw("image/png", Uint8Array.of(1));
  expect(output.shown.map(({ text }) => text)).toEqual([
    "<b>x</b>",
    "application/pdf, 3 bytes",
    "application/vnd.x+json",
    "application/vnd.x",
    "image/png, 1 bytes",
  ]);
});

test("only a new display has an id, which its later calls update", () => {
  display.text("plain");
  const one = newDisplay();
  one.text("first");
  one.html("<b>second</b>");
  const [plain, first, second] = output.shown;
  expect(plain).toMatchObject({ displayId: undefined, update: undefined });
  expect(first).toMatchObject({ displayId: expect.any(String), update: false });
  expect(second).toMatchObject({ displayId: first?.displayId, update: true });
});

test("images are given as bytes of any realm, or as base64", () => {
  display.png("AQID");
  display.gif(new Uint8Array(Buffer.from("--abc--").subarray(2, 5)));
  display.jpeg(Uint8Array.of(9).buffer as never);
  expect(output.shown.map(({ bundle }) => Object.values(bundle!.data)[1])).toEqual(["AQID", "YWJj", "CQ=="]);
});

test("what is no image is refused with what to give", () => {
  expect(() => display.png(undefined as never)).toThrow(
    "display.png shows bytes, such as those of fs.readFileSync(path)",
  );
});
