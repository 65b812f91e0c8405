import type { MimeBundle } from "./mimebundle.ts";
import { formatCount } from "./text.ts";

/** Kinds of image that front ends draw, by the bytes they begin with. */
const kinds = [
  { mime: "image/png", name: "PNG", begins: [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a] },
  { mime: "image/jpeg", name: "JPEG", begins: [0xff, 0xd8, 0xff] },
  { mime: "image/gif", name: "GIF", begins: [0x47, 0x49, 0x46, 0x38] },
  { mime: "image/webp", name: "WebP", begins: [0x52, 0x49, 0x46, 0x46] },
] as const;

/** An image above this is described, not sent: a notebook keeps every output. */
const maxBytes = 32 * 1024 * 1024;

/** How to show an image: in CSS pixels, with a text for readers that cannot see it. */
export interface ImageOptions {
  readonly width?: number;
  readonly height?: number;
  readonly alt?: string;
}

/** Finds the kind of image that the first bytes tell. */
function kindOf(bytes: Uint8Array): (typeof kinds)[number] | undefined {
  const kind = kinds.find(({ begins }) => begins.every((byte, at) => bytes[at] === byte));
  if (kind?.name === "WebP" && Buffer.from(bytes.subarray(8, 12)).toString("latin1") !== "WEBP") return undefined;
  return kind;
}

/** Shows bytes that hold an image; undefined for other bytes and values. */
export function imageBundle(value: unknown, options: ImageOptions = {}): MimeBundle | undefined {
  const bytes = bytesOf(value);
  const kind = bytes && kindOf(bytes);
  if (!bytes || !kind) return undefined;
  const { alt, ...size } = options;
  const pixels = kind.name === "PNG" && bytes.length > 24 ? pngSize(bytes) : undefined;
  const words = [
    `${kind.name} image`,
    pixels && `${pixels.width} × ${pixels.height}`,
    `${formatCount(bytes.length)} bytes`,
  ];
  const text = alt ?? words.filter(Boolean).join(", ");
  if (bytes.length > maxBytes) return { data: { "text/plain": text }, metadata: {} };
  return {
    data: { [kind.mime]: toBase64(bytes), "text/plain": text },
    metadata: Object.keys(options).length > 0 ? { [kind.mime]: alt === undefined ? size : { ...size, alt } } : {},
  };
}

/** Encodes bytes as base64 without copying them first. */
export function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");
}

/** Returns a value's bytes where it is a Buffer, another Uint8Array or an ArrayBuffer of any realm. */
export function bytesOf(value: unknown): Uint8Array | undefined {
  const tag = Object.prototype.toString.call(value);
  if (tag === "[object Uint8Array]" && ArrayBuffer.isView(value)) {
    return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  }
  return tag === "[object ArrayBuffer]" ? new Uint8Array(value as ArrayBuffer) : undefined;
}

/** Reads width and height from the header chunk that begins every PNG. */
function pngSize(bytes: Uint8Array): { width: number; height: number } {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  return { width: view.getUint32(16), height: view.getUint32(20) };
}
