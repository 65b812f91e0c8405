import * as fc from "fast-check";
import { expect, test } from "vitest";
import { type Incoming, MalformedMessage, createCodec } from "../../kernel/protocol/message.ts";
import { cases, fuzzTimeoutMs, unit } from "../fuzz.ts";

const toBuffers = (frames: readonly (string | Uint8Array)[]): Buffer[] =>
  frames.map((frame) => Buffer.from(frame as string));

const json = fc.dictionary(fc.string({ unit }), fc.jsonValue({ stringUnit: unit }), { maxKeys: 4 });
const bytes = fc.uint8Array({ maxLength: 20 });
const key = fc.oneof(fc.constant(""), fc.string({ unit }));

/** Decodes; returns undefined for what is refused, and lets every other error through. */
function decode(withKey: string, frames: readonly Buffer[]): Incoming | undefined {
  try {
    return createCodec(withKey).decode(frames);
  } catch (error) {
    if (error instanceof MalformedMessage) return undefined;
    throw error;
  }
}

test(
  "any message comes back as it was sent",
  () => {
    const parts = { key, content: json, metadata: json, identities: fc.array(bytes), buffers: fc.array(bytes) };
    fc.assert(
      fc.property(fc.record(parts), ({ key: signing, content, metadata, identities, buffers }) => {
        const codec = createCodec(signing);
        const parent = codec.message("kernel_info_request", {}, undefined).header;
        const message = codec.message("stream", content as never, parent, metadata, buffers);
        const read = decode(signing, toBuffers(codec.encode(message, identities)));
        const plain = JSON.parse(JSON.stringify(message)) as object;
        expect(read).toEqual({
          ...plain,
          identities: identities.map((identity) => Buffer.from(identity)),
          buffers: buffers.map((buffer) => Buffer.from(buffer)),
        });
      }),
      cases(100),
    );
  },
  fuzzTimeoutMs,
);

test(
  "any change of a signed part is refused",
  () => {
    const change = fc.record({
      frame: fc.integer({ min: 1, max: 5 }),
      at: fc.nat(),
      by: fc.integer({ min: 1, max: 255 }),
    });
    fc.assert(
      fc.property(json, change, (content, { frame, at, by }) => {
        const codec = createCodec("key");
        const frames = toBuffers(codec.encode(codec.message("stream", content as never, undefined)));
        const changed = frames[frame]!;
        changed[at % changed.length]! ^= by;
        expect(decode("key", frames)).toBeUndefined();
      }),
      cases(200),
    );
  },
  fuzzTimeoutMs,
);

test(
  "any frames are read or refused, and nothing else happens",
  () => {
    const delimiter = Buffer.from("<IDS|MSG>");
    const header = Buffer.from(`{"msg_id":"1","msg_type":"x","session":"s"}`);
    const frame = fc.oneof(
      fc.constantFrom(delimiter, header, Buffer.from("{}"), Buffer.from("")),
      fc.json({ stringUnit: unit }).map((text) => Buffer.from(text)),
      bytes.map((part) => Buffer.from(part)),
    );
    const start = fc.constantFrom([], [delimiter, Buffer.from("")], [delimiter, Buffer.from(""), header]);
    fc.assert(
      fc.property(start, fc.array(frame, { maxLength: 8 }), fc.constantFrom("", "key"), (first, frames, signing) => {
        const read = decode(signing, [...first, ...frames]);
        const { msg_id: id, msg_type: type, session } = read?.header ?? { msg_id: "", msg_type: "", session: "" };
        expect([typeof id, typeof type, typeof session]).toEqual(["string", "string", "string"]);
        expect(Array.isArray(read?.content)).toBe(false);
      }),
      cases(500),
    );
  },
  fuzzTimeoutMs,
);
