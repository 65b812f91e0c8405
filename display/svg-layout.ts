import type { Font } from "./font.ts";
import { flattenPath, lengthOf, pointAt } from "./svg-path.ts";

/** A rectangle, as SVG's getBBox gives it. */
interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** A 2 × 3 matrix, in SVG's order a b c d e f. */
type Matrix = readonly [number, number, number, number, number, number];

const identity: Matrix = [1, 0, 0, 1, 0, 0];

/** Height of a line, and of its part above the baseline, in ems. */
const lineEm = 1.3;
const ascentEm = 1.02;

/** Gives elements of a window without layout the boxes that Plotly asks for, from a font's widths. */
export function installLayout(window: { SVGElement: { prototype: object } }, font: Font): void {
  const define = (name: string, value: (this: Element, length: number) => unknown): void => {
    Object.defineProperty(window.SVGElement.prototype, name, { value, configurable: true, writable: true });
  };
  define("getBBox", function getBBox() {
    return boxOf(this, font, identity) ?? { x: 0, y: 0, width: 0, height: 0 };
  });
  define("getBoundingClientRect", function getBoundingClientRect() {
    const { x, y, width, height } = boxOf(this, font, toScreen(this)) ?? { x: 0, y: 0, width: 0, height: 0 };
    return { x, y, width, height, left: x, top: y, right: x + width, bottom: y + height };
  });
  define("getComputedTextLength", function getComputedTextLength() {
    return font.width(this.textContent ?? "") * fontSize(this);
  });
  define("getTotalLength", function getTotalLength() {
    return lengthOf(flattenPath(this.getAttribute("d") ?? ""));
  });
  define("getPointAtLength", function getPointAtLength(length) {
    return pointAt(flattenPath(this.getAttribute("d") ?? ""), length);
  });
}

/** Multiplies the transforms from the outermost ancestor down to the element itself. */
function toScreen(element: Element): Matrix {
  const { parentElement } = element;
  const own = parseTransform(element.getAttribute("transform"));
  return parentElement ? multiply(toScreen(parentElement), own) : own;
}

function boxOf(element: Element, font: Font, matrix: Matrix): Box | undefined {
  switch (element.localName) {
    case "text":
      return transformBox(textBox(element, font), matrix);
    case "rect":
      return transformBox(
        {
          x: number(element, "x"),
          y: number(element, "y"),
          width: number(element, "width"),
          height: number(element, "height"),
        },
        matrix,
      );
    case "defs":
    case "clipPath":
      return undefined;
    default:
      return unite(
        Array.from(element.children, (child) =>
          boxOf(child, font, multiply(matrix, parseTransform(child.getAttribute("transform")))),
        ),
      );
  }
}

function textBox(element: Element, font: Font): Box | undefined {
  const lines = Array.from(element.querySelectorAll("tspan.line"));
  const texts = (lines.length > 0 ? lines : [element]).map((line) => line.textContent ?? "");
  if (texts.every((text) => text === "")) return undefined;
  const size = fontSize(element);
  const weight = isBold(element) ? 1.06 : 1;
  const width = Math.max(...texts.map((text) => font.width(text))) * size * weight;
  const anchor = inherited(element, "text-anchor");
  const shift = anchor === "middle" ? width / 2 : anchor === "end" ? width : 0;
  return {
    x: number(element, "x") - shift,
    y: number(element, "y") - ascentEm * size,
    width,
    height: size * lineEm * texts.length,
  };
}

function number(element: Element, name: string): number {
  return Number.parseFloat(element.getAttribute(name) ?? "0") || 0;
}

function isBold(element: Element): boolean {
  const weight = inherited(element, "font-weight");
  return weight === "bold" || Number(weight) >= 600;
}

function fontSize(element: Element): number {
  return Number.parseFloat(inherited(element, "font-size")) || 12;
}

/** Reads a property from the style or attribute of the element or the nearest ancestor that sets it. */
function inherited(element: Element, property: string): string {
  for (let at: Element | null = element; at; at = at.parentElement) {
    const style = (at as SVGElement).style?.getPropertyValue(property);
    const value = style || at.getAttribute(property);
    if (value) return value;
  }
  return "";
}

function parseTransform(text: string | null): Matrix {
  let matrix = identity;
  for (const [, name = "", inner = ""] of (text ?? "").matchAll(/(\w+)\(([^)]*)\)/g)) {
    const [a = 0, b, c] = inner
      .split(/[\s,]+/)
      .filter(Boolean)
      .map(Number);
    if (name === "translate") matrix = multiply(matrix, [1, 0, 0, 1, a, b ?? 0]);
    if (name === "scale") matrix = multiply(matrix, [a, 0, 0, b ?? a, 0, 0]);
    if (name === "rotate") matrix = multiply(matrix, rotation(a, b ?? 0, c ?? 0));
  }
  return matrix;
}

function rotation(degrees: number, x: number, y: number): Matrix {
  const angle = (degrees * Math.PI) / 180;
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  return [cos, sin, -sin, cos, x - cos * x + sin * y, y - sin * x - cos * y];
}

function multiply(m: Matrix, n: Matrix): Matrix {
  return [
    m[0] * n[0] + m[2] * n[1],
    m[1] * n[0] + m[3] * n[1],
    m[0] * n[2] + m[2] * n[3],
    m[1] * n[2] + m[3] * n[3],
    m[0] * n[4] + m[2] * n[5] + m[4],
    m[1] * n[4] + m[3] * n[5] + m[5],
  ];
}

function transformBox(box: Box | undefined, [a, b, c, d, e, f]: Matrix): Box | undefined {
  if (!box) return undefined;
  const { x, y, width, height } = box;
  const corners = [
    [x, y],
    [x + width, y],
    [x, y + height],
    [x + width, y + height],
  ].map(([px = 0, py = 0]) => [a * px + c * py + e, b * px + d * py + f]);
  const xs = corners.map(([px = 0]) => px);
  const ys = corners.map(([, py = 0]) => py);
  return bounds(Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys));
}

function unite(boxes: readonly (Box | undefined)[]): Box | undefined {
  const [first, ...rest] = boxes.filter((box) => box !== undefined);
  if (!first) return undefined;
  return rest.reduce(
    (all, box) =>
      bounds(
        Math.min(all.x, box.x),
        Math.min(all.y, box.y),
        Math.max(all.x + all.width, box.x + box.width),
        Math.max(all.y + all.height, box.y + box.height),
      ),
    first,
  );
}

function bounds(left: number, top: number, right: number, bottom: number): Box {
  return { x: left, y: top, width: right - left, height: bottom - top };
}
