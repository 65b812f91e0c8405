import { createHmac, randomUUID, timingSafeEqual } from "node:crypto";
import type { Contents, MessageType } from "./contents.ts";

/** Version of the messaging protocol that this kernel speaks. */
export const protocolVersion = "5.5";

/** A message's header ("Message header"). */
export interface Header<T extends string = string> {
  readonly msg_id: string;
  readonly msg_type: T;
  readonly session: string;
  readonly username: string;
  readonly date: string;
  readonly version: string;
  readonly subshell_id?: string | null;
}

/** A message whose content follows from its type. */
export interface Message<T extends MessageType = MessageType> {
  readonly header: Header<T>;
  readonly parent_header: Partial<Header>;
  readonly metadata: Record<string, unknown>;
  readonly content: Contents[T];
  readonly buffers: readonly Uint8Array[];
}

/** A message as it came in: who sent it, and content that nobody has looked at yet. */
export interface Incoming {
  /** Routing frames before the delimiter: the address to reply to. */
  readonly identities: readonly Uint8Array[];
  readonly header: Header;
  readonly parent_header: Partial<Header>;
  readonly metadata: Record<string, unknown>;
  readonly content: Record<string, unknown>;
  readonly buffers: readonly Uint8Array[];
}

/** A message that cannot be accepted: no delimiter, a wrong or used signature, or parts that are no JSON objects. */
export class MalformedMessage extends Error {
  override readonly name = "MalformedMessage";
}

const delimiter = Buffer.from("<IDS|MSG>");
const frameCount = 5; // signature, header, parent_header, metadata, content

/** The parts of a ZeroMQ message. */
export type Frames = readonly (Uint8Array | string)[];

/** Returns how many bytes the frames take, with a text counted as ASCII. */
export function sizeOf(frames: Frames): number {
  return frames.reduce((sum, frame) => sum + frame.length, 0);
}

/** Makes the frames of messages and reads them back; `key` is the connection file's, empty for unsigned messages. */
export interface Codec {
  /** Makes a message of this session. */
  message<T extends MessageType>(
    type: T,
    content: Contents[T],
    parent: Partial<Header> | undefined,
    metadata?: Record<string, unknown>,
    buffers?: readonly Uint8Array[],
  ): Message<T>;
  encode(message: Message, identities?: Frames): (Uint8Array | string)[];
  /** Reads frames; throws `MalformedMessage`. */
  decode(frames: readonly Uint8Array[]): Incoming;
}

/** Creates the codec of one session of messages, kernel's or client's; `hash` is that of the signatures. */
export function createCodec(key: string, hash: string = "sha256"): Codec {
  const session = randomUUID();
  const isReplay = createReplayGuard();
  let count = 0;
  function sign(parts: Frames): string {
    if (key === "") return "";
    const hmac = createHmac(hash, key);
    for (const part of parts) hmac.update(part);
    return hmac.digest("hex");
  }
  return {
    message: (type, content, parent, metadata = {}, buffers = []) => ({
      header: {
        msg_id: `${session}_${(count += 1)}`,
        msg_type: type,
        session,
        username: "kernel",
        date: new Date().toISOString(),
        version: protocolVersion,
      },
      parent_header: parent ?? {},
      metadata,
      content,
      buffers,
    }),
    encode({ header, parent_header, metadata, content, buffers }, identities = []) {
      const parts = [header, parent_header, metadata, content].map(toJson);
      return [...identities, delimiter, sign(parts), ...parts, ...buffers];
    },
    decode(frames) {
      const at = frames.findIndex((frame) => delimiter.equals(frame));
      if (at < 0) throw new MalformedMessage("no <IDS|MSG> delimiter");
      if (frames.length < at + 1 + frameCount) throw new MalformedMessage("too few frames");
      const parts = frames.slice(at + 2, at + 1 + frameCount);
      const signature = sign(parts);
      if (!sameText(frames[at + 1]!, signature)) throw new MalformedMessage("wrong signature");
      if (key !== "" && isReplay(signature)) throw new MalformedMessage("a message that has come before");
      const [header, parent_header, metadata, content] = parts.map(parseObject);
      if (!isHeader(header)) throw new MalformedMessage("a header needs msg_id, msg_type and session");
      return {
        identities: frames.slice(0, at),
        header: withoutNested(header),
        parent_header: parent_header!,
        metadata: metadata!,
        content: content!,
        buffers: frames.slice(at + 1 + frameCount),
      };
    },
  };
}

// From this length on a text becomes bytes once, for the signature and for ZeroMQ, which copies texts and shares bytes.
const longText = 1_024;

function toJson(part: object): string | Uint8Array {
  const text = JSON.stringify(part);
  return text.length < longText ? text : Buffer.from(text);
}

/** Compares in constant time, so that a signature cannot be guessed byte by byte. */
function sameText(received: Uint8Array, expected: string): boolean {
  const bytes = Buffer.from(expected);
  return received.length === bytes.length && timingSafeEqual(received, bytes);
}

// As many as jupyter_client remembers.
const rememberedSignatures = 65_536;

/** Returns a function that says whether a signature has come before: whoever recorded a message cannot send it again. */
function createReplayGuard(): (signature: string) => boolean {
  // The first 52 bits of each, which no two messages share by chance, are a quarter of what the texts would take.
  const seen = new Set<number>();
  return (signature) => {
    const bits = Number.parseInt(signature.slice(0, 13), 16);
    if (seen.has(bits)) return true;
    seen.add(bits);
    if (seen.size > rememberedSignatures) seen.delete(seen.values().next().value!);
    return false;
  };
}

function parseObject(frame: Uint8Array): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(utf8.decode(frame));
  } catch (cause) {
    throw new MalformedMessage("a part is no JSON", { cause });
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new MalformedMessage("a part is no JSON object");
  }
  return value as Record<string, unknown>;
}

const utf8 = new TextDecoder("utf8", { fatal: true });

/** A header comes back in every answer, so it has to stay writable as JSON: no field of it is deep by specification. */
function withoutNested(header: Header): Header {
  const isNested = (value: unknown): boolean => typeof value === "object" && value !== null;
  const kept = Object.fromEntries(Object.entries(header).filter(([, value]) => !isNested(value)));
  // Without any, the request would go to the main shell.
  return { ...(kept as unknown as Header), ...(isNested(header.subshell_id) && { subshell_id: "[object]" }) };
}

function isHeader(value: unknown): value is Header {
  const header = value as Partial<Header>;
  return [header.msg_id, header.msg_type, header.session].every((field) => typeof field === "string");
}
