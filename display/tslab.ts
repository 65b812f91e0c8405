import { randomUUID } from "node:crypto";
import { bytesOf, toBase64 } from "./image.ts";
import { currentOutput } from "./output.ts";
import { toText } from "./property.ts";
import { inOrder } from "./queue.ts";
import { formatCount } from "./text.ts";

/** tslab's way to show things: one method for each kind of content, none returns anything. */
export interface Display {
  javascript(s: string): void;
  html(s: string): void;
  markdown(s: string): void;
  latex(s: string): void;
  svg(s: string): void;
  /** The image's bytes, or base64 of them. */
  png(b: Uint8Array | string): void;
  jpeg(b: Uint8Array | string): void;
  gif(b: Uint8Array | string): void;
  pdf(b: Uint8Array | string): void;
  text(s: string): void;
  /** Content of any media type: text as it is, bytes as base64, and for JSON types the object. */
  raw(contentType: string, b: string | Uint8Array | object): void;
}

/** Writes into the output of the running cell. */
export const display: Display = createDisplay();

/** Makes a `Display` whose every call overwrites what its last one showed. */
export function newDisplay(): Display {
  return createDisplay(randomUUID());
}

function createDisplay(displayId?: string): Display {
  let shown = false;
  function show(contentType: string, content: unknown, plain: string): void {
    const output = currentOutput();
    const update = shown;
    shown = displayId !== undefined;
    // Front ends without a renderer for the type show the text.
    const data = { "text/plain": plain, [contentType]: content };
    const options = displayId === undefined ? {} : { displayId, update };
    inOrder(output, { data, metadata: {} }, (bundle) => bundle && output.display(bundle, options));
  }
  function text(contentType: string): (s: string) => void {
    return (s) => show(contentType, toText(s), toText(s));
  }
  function file(method: string, contentType: string): (b: Uint8Array | string) => void {
    return (b) => {
      const content = typeof b === "string" ? b : encode(b);
      if (content === undefined) {
        throw new TypeError(`tslab's display.${method} shows bytes, such as those of fs.readFileSync(path)`);
      }
      show(contentType, content, describe(contentType, content));
    };
  }
  return {
    javascript: text("text/javascript"),
    html: text("text/html"),
    markdown: text("text/markdown"),
    latex: text("text/latex"),
    svg: text("image/svg+xml"),
    png: file("png", "image/png"),
    jpeg: file("jpeg", "image/jpeg"),
    gif: file("gif", "image/gif"),
    pdf: file("pdf", "application/pdf"),
    text: text("text/plain"),
    raw(contentType, b) {
      const content = encode(b) ?? b;
      const isText = typeof b === "string" && /^text\/|xml$/.test(contentType);
      show(contentType, content, isText ? b : describe(contentType, typeof b === "string" ? undefined : content));
    },
  };
}

function encode(value: unknown): string | undefined {
  const bytes = bytesOf(value);
  return bytes && toBase64(bytes);
}

function describe(contentType: string, base64: unknown): string {
  if (typeof base64 !== "string") return contentType;
  return `${contentType}, ${formatCount(Buffer.byteLength(base64, "base64"))} bytes`;
}
