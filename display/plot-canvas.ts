import { crc32, deflateSync } from "node:zlib";

/** Gives a window's canvases the few operations that Plotly's heatmaps use: filled rectangles, pixels, and a PNG of them. */
export function installCanvas(window: { HTMLCanvasElement: { prototype: object } }): void {
  const contexts = new WeakMap<object, Context>();
  const define = (name: string, value: (this: HTMLCanvasElement, ...args: unknown[]) => unknown): void => {
    Object.defineProperty(window.HTMLCanvasElement.prototype, name, { value, configurable: true });
  };
  define("getContext", function getContext(kind) {
    if (kind !== "2d") return null;
    const context = contexts.get(this) ?? createContext(this.width, this.height);
    contexts.set(this, context);
    return context;
  });
  define("toDataURL", function toDataURL() {
    const { pixels } = contexts.get(this) ?? createContext(this.width, this.height);
    return `data:image/png;base64,${encodePng(pixels, this.width, this.height).toString("base64")}`;
  });
}

interface Context {
  readonly pixels: Uint8ClampedArray;
  fillStyle: string;
  fillRect(x: number, y: number, width: number, height: number): void;
  createImageData(width: number, height: number): { data: Uint8ClampedArray; width: number; height: number };
  putImageData(image: { data: ArrayLike<number>; width: number }, x: number, y: number): void;
}

function createContext(width: number, height: number): Context {
  const pixels = new Uint8ClampedArray(width * height * 4);
  return {
    pixels,
    fillStyle: "#000",
    fillRect(x, y, w, h) {
      const colour = parseColour(this.fillStyle);
      const right = Math.min(width, Math.round(x + w));
      for (let row = Math.max(0, Math.round(y)); row < Math.min(height, Math.round(y + h)); row++) {
        for (let at = Math.max(0, Math.round(x)); at < right; at++) pixels.set(colour, 4 * (row * width + at));
      }
    },
    createImageData: (w, h) => ({ data: new Uint8ClampedArray(w * h * 4), width: w, height: h }),
    putImageData(image, x, y) {
      for (let at = 0; at < image.data.length; at++) {
        const pixel = at >> 2;
        const column = x + (pixel % image.width);
        const row = y + Math.floor(pixel / image.width);
        if (column < width && row < height) pixels[4 * (row * width + column) + (at & 3)] = image.data[at] ?? 0;
      }
    },
  };
}

/** Reads the `rgb()` and `rgba()` that Plotly writes. */
function parseColour(text: string): [number, number, number, number] {
  const [r = 0, g = 0, b = 0, a = 1] = (text.match(/[\d.]+/g) ?? []).map(Number);
  return [r, g, b, a * 255];
}

/** Encodes 8-bit RGBA pixels (PNG specification, sections 5 and 11). */
function encodePng(pixels: Uint8ClampedArray, width: number, height: number): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 6, 0, 0, 0], 8);
  const lines = Buffer.alloc(height * (width * 4 + 1));
  for (let row = 0; row < height; row++) {
    lines.set(pixels.subarray(row * width * 4, (row + 1) * width * 4), row * (width * 4 + 1) + 1);
  }
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([
    signature,
    chunk("IHDR", header),
    chunk("IDAT", deflateSync(lines)),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const frame = Buffer.alloc(4);
  frame.writeUInt32BE(data.length);
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([frame, body, sum]);
}
