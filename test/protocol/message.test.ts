import { expect, test } from "vitest";
import { MalformedMessage, createCodec } from "../../kernel/protocol/message.ts";

const toBuffers = (frames: readonly (string | Uint8Array)[]): Buffer[] =>
  frames.map((frame) => Buffer.from(frame as string));

test("a message comes back as it was sent, with its identities and buffers", () => {
  const codec = createCodec("key");
  const parent = codec.message("kernel_info_request", {}, undefined).header;
  const message = codec.message("stream", { name: "stdout", text: "héllo 🫐" }, parent, { a: 1 }, [
    Buffer.from([1, 2]),
  ]);
  const read = createCodec("key").decode(toBuffers(codec.encode(message, ["id"])));
  expect(read).toEqual({ ...message, identities: [Buffer.from("id")], buffers: [Buffer.from([1, 2])] });
});

test("an empty key means no signature", () => {
  const codec = createCodec("");
  const frames = codec.encode(codec.message("kernel_info_request", {}, undefined));
  expect(frames[1]).toBe("");
  expect(codec.decode(toBuffers(frames)).header.msg_type).toBe("kernel_info_request");
});

test.for([
  ["another key", (frames: Buffer[]) => createCodec("other").decode(frames), /wrong signature/],
  [
    "a changed part",
    (frames: Buffer[]) => createCodec("key").decode(frames.with(5, Buffer.from(`{"code":"evil"}`))),
    /wrong signature/,
  ],
  ["no delimiter", (frames: Buffer[]) => createCodec("key").decode(frames.slice(1)), /delimiter/],
  ["too few frames", (frames: Buffer[]) => createCodec("key").decode(frames.slice(0, 4)), /too few/],
] as const)("%s is refused", ([, decode, message]) => {
  const codec = createCodec("key");
  const frames = toBuffers(codec.encode(codec.message("execute_request", { code: "1" }, undefined)));
  expect(() => decode(frames)).toThrow(MalformedMessage);
  expect(() => decode(frames)).toThrow(message);
});

test.for(["[]", "null", "5", "{"])("a part that is %s is refused", (part) => {
  const codec = createCodec("");
  const frames = toBuffers(codec.encode(codec.message("kernel_info_request", {}, undefined))).with(
    5,
    Buffer.from(part),
  );
  expect(() => codec.decode(frames)).toThrow(/a part is no JSON/);
});
