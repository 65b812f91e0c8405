/** A point of a path. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** Steps by which a curve becomes straight pieces. */
const curveSteps = 8;

/** Turns the absolute commands M L H V C Q Z of an SVG path, which is what Plotly writes, into straight pieces. */
export function flattenPath(path: string): Point[] {
  const points: Point[] = [];
  let [x, y] = [0, 0];
  const to = (nextX: number, nextY: number): void => {
    [x, y] = [nextX, nextY];
    points.push({ x, y });
  };
  for (const [, command = "", text = ""] of path.matchAll(/([MLHVCQZ])([^A-Za-z]*)/g)) {
    const numbers = (text.match(/-?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?/g) ?? []).map(Number);
    const at = (index: number): number => numbers[index] ?? 0;
    const size = { M: 2, L: 2, H: 1, V: 1, C: 6, Q: 4 }[command] ?? 0;
    if (size === 0) {
      to(points[0]?.x ?? 0, points[0]?.y ?? 0);
      continue;
    }
    for (let begin = 0; begin + size <= numbers.length; begin += size) {
      if (command === "H") to(at(begin), y);
      else if (command === "V") to(x, at(begin));
      else curve([{ x, y }, ...pairs(numbers.slice(begin, begin + size))], to);
    }
  }
  return points;
}

function pairs(numbers: readonly number[]): Point[] {
  return Array.from({ length: numbers.length / 2 }, (_, at) => ({
    x: numbers[2 * at] ?? 0,
    y: numbers[2 * at + 1] ?? 0,
  }));
}

/** Walks a Bézier curve by De Casteljau's algorithm; two control points are a straight line. */
function curve(control: readonly Point[], to: (x: number, y: number) => void): void {
  const steps = control.length > 2 ? curveSteps : 1;
  for (let step = 1; step <= steps; step++) {
    let points = control;
    while (points.length > 1)
      points = points.slice(1).map((point, at) => between(points[at] ?? point, point, step / steps));
    const [end] = points;
    if (end) to(end.x, end.y);
  }
}

function between(a: Point, b: Point, part: number): Point {
  return { x: a.x + (b.x - a.x) * part, y: a.y + (b.y - a.y) * part };
}

/** Returns the length of straight pieces. */
export function lengthOf(points: readonly Point[]): number {
  return points.slice(1).reduce((sum, point, at) => sum + distance(points[at] ?? point, point), 0);
}

/** Returns the point at a length along straight pieces. */
export function pointAt(points: readonly Point[], length: number): Point {
  let left = Math.max(0, length);
  for (const [at, point] of points.entries()) {
    const next = points[at + 1];
    if (!next) return point;
    const size = distance(point, next);
    if (left <= size) return between(point, next, size === 0 ? 0 : left / size);
    left -= size;
  }
  return { x: 0, y: 0 };
}

function distance(a: Point, b: Point): number {
  return Math.hypot(b.x - a.x, b.y - a.y);
}
