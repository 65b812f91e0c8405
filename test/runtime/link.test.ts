import { expect, test } from "vitest";
import { createFrameDecoder, encodeFrame, encodeStreamFrame } from "../../kernel/runtime/link.ts";

const messages = [{ type: "a", n: 1n }, { bytes: Uint8Array.of(1, 2) }, "x".repeat(100_000), undefined];

test.for([
  ["c1", "stdout", "héllo 🫐"],
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
