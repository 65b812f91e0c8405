import * as fc from "fast-check";
import { expect, test } from "vitest";
import { createFrameDecoder, encodeFrame, encodeStreamFrame } from "../../kernel/runtime/link.ts";
import { cases, fuzzTimeoutMs, unit } from "../fuzz.ts";

const messages = [{ type: "a", n: 1n }, { bytes: Uint8Array.of(1, 2) }, "x".repeat(100_000), undefined];

test.for([
  ["c1", "stdout", "héllo 🫐"],
  ["消息 " + "1".repeat(300), "stdout", "a client may name its messages as it likes"],
  ["", "stdout", "…"],
  [undefined, "stderr", "x".repeat(70_000)],
] as const)("stream text of %s comes back as a publication", ([cell, name, text]) => {
  const taken: unknown[] = [];
  createFrameDecoder((message) => taken.push(message))(encodeStreamFrame(cell, name, text));
  expect(taken).toEqual([{ type: "publish", cell, publication: { type: "stream", content: { name, text } } }]);
});

test.for([1, 3, 7, 64, 65_536, 1 << 20])("frames cut into pieces of %d bytes come back whole and in order", (size) => {
  const bytes = Buffer.concat(messages.map(encodeFrame));
  const taken: unknown[] = [];
  const decode = createFrameDecoder((message) => taken.push(message));
  for (let at = 0; at < bytes.length; at += size) decode(bytes.subarray(at, at + size));
  expect(taken).toEqual(messages);
});

const text = fc.string({ unit });
/** A message with its frame: any value that can be cloned, or text of a stream. */
const framed = fc.oneof(
  fc
    .anything({ withBigInt: true, withDate: true, withMap: true, withSet: true, withTypedArray: true })
    .map((value) => ({ message: value, frame: encodeFrame(value) })),
  fc
    .record({ cell: fc.option(text, { nil: undefined }), name: fc.constantFrom("stdout", "stderr"), text })
    .map(({ cell, name, text: written }) => ({
      message: { type: "publish", cell, publication: { type: "stream", content: { name, text: written } } },
      frame: encodeStreamFrame(cell, name, written),
    })),
);
const cuts = fc.array(fc.nat({ max: 40 }), { minLength: 1, maxLength: 20 });

/** Gives bytes to a decoder in pieces of these sizes, again and again; returns what came of it. */
function decodeInPieces(bytes: Buffer, sizes: readonly number[]): { taken: unknown[]; damages: number } {
  const taken: unknown[] = [];
  let damages = 0;
  const decode = createFrameDecoder(
    (message) => taken.push(message),
    () => (damages += 1),
  );
  for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
    const size = Math.max(turn % sizes.length === 0 ? 1 : 0, sizes[turn % sizes.length] ?? 1);
    decode(bytes.subarray(at, at + size));
    at += size;
  }
  return { taken, damages };
}

test(
  "any messages come back whole and in order, however their bytes are cut",
  () => {
    fc.assert(
      fc.property(fc.array(framed, { maxLength: 5 }), cuts, (all, sizes) => {
        const { taken, damages } = decodeInPieces(Buffer.concat(all.map(({ frame }) => frame)), sizes);
        expect(taken).toEqual(all.map(({ message }) => message));
        expect(damages).toBe(0);
      }),
      cases(100),
    );
  },
  fuzzTimeoutMs,
);

test(
  "any bytes that are no frame are told once, after the messages before them",
  () => {
    const foreign = fc.uint8Array({ minLength: 1, maxLength: 50 }).filter(([first]) => first !== 0xfe);
    fc.assert(
      fc.property(fc.array(framed, { maxLength: 3 }), foreign, framed, cuts, (all, bytes, late, sizes) => {
        const whole = Buffer.concat([...all.map(({ frame }) => frame), bytes, late.frame]);
        expect(decodeInPieces(whole, sizes)).toEqual({ taken: all.map(({ message }) => message), damages: 1 });
      }),
      cases(100),
    );
  },
  fuzzTimeoutMs,
);

test(
  "any changed byte loses what it changes, and throws nothing",
  () => {
    const change = fc.record({ at: fc.nat(), by: fc.integer({ min: 1, max: 255 }) });
    fc.assert(
      fc.property(fc.array(framed, { minLength: 1, maxLength: 3 }), change, cuts, (all, { at, by }, sizes) => {
        const bytes = Buffer.concat(all.map(({ frame }) => frame));
        bytes[at % bytes.length]! ^= by;
        expect(decodeInPieces(bytes, sizes).damages).toBeLessThanOrEqual(1);
      }),
      cases(200),
    );
  },
  fuzzTimeoutMs,
);
