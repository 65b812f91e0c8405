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

test("a message that comes a second time is refused; without a key nothing tells that it has", () => {
  const codec = createCodec("key");
  const frames = toBuffers(codec.encode(codec.message("execute_request", { code: "1" }, undefined)));
  const kernel = createCodec("key");
  expect(kernel.decode(frames).content).toEqual({ code: "1" });
  expect(() => kernel.decode(frames)).toThrow("a message that has come before");

  const unsigned = createCodec("");
  const same = toBuffers(unsigned.encode(unsigned.message("kernel_info_request", {}, undefined)));
  expect(unsigned.decode(same)).toEqual(unsigned.decode(same));
});

test("a forged message does not use up the signature of the true one", () => {
  const codec = createCodec("key");
  const frames = toBuffers(codec.encode(codec.message("execute_request", { code: "1" }, undefined)));
  const kernel = createCodec("key");
  expect(() => kernel.decode(frames.with(5, Buffer.from(`{"code":"2"}`)))).toThrow("wrong signature");
  expect(kernel.decode(frames).content).toEqual({ code: "1" });
});

test("the hash of the signature can be another one", () => {
  const codec = createCodec("key", "sha512");
  const frames = toBuffers(codec.encode(codec.message("kernel_info_request", {}, undefined)));
  expect(frames[1]).toHaveLength(128);
  expect(createCodec("key", "sha512").decode(frames).header.msg_type).toBe("kernel_info_request");
  expect(() => createCodec("key").decode(frames)).toThrow("wrong signature");
});

test("text that is no UTF-8 is refused", () => {
  const codec = createCodec("");
  const frames = toBuffers(codec.encode(codec.message("execute_request", { code: "1" }, undefined)));
  const broken = Buffer.concat([Buffer.from(`{"code":"`), Buffer.from([0xff, 0xfe]), Buffer.from(`"}`)]);
  expect(() => codec.decode(frames.with(5, broken))).toThrow("a part is no JSON");
});

test("a header with odd fields comes back as far as it can be sent again", () => {
  const codec = createCodec("");
  const frames = toBuffers(codec.encode(codec.message("execute_request", { code: "1" }, undefined)));
  const deep = `${"[".repeat(100_000)}${"]".repeat(100_000)}`;
  const odd = `{"msg_id":"1","msg_type":"execute_request","session":"s","date":"yesterday","extra":7,"deep":${deep}}`;
  const { header } = codec.decode(frames.with(2, Buffer.from(odd)));
  expect(header).toEqual({ msg_id: "1", msg_type: "execute_request", session: "s", date: "yesterday", extra: 7 });
});

test.for([`{}`, `{"msg_id":1,"msg_type":"a","session":"s"}`, `{"msg_id":"1","session":"s"}`])(
  "a header that is %s is refused",
  (header) => {
    const codec = createCodec("");
    const frames = toBuffers(codec.encode(codec.message("execute_request", { code: "1" }, undefined)));
    expect(() => codec.decode(frames.with(2, Buffer.from(header)))).toThrow("a header needs msg_id");
  },
);
