import { expect, test } from "vitest";
import { flattenPath, lengthOf, pointAt } from "../../display/svg-path.ts";

test("a path of lines has its length and points along it", () => {
  const points = flattenPath("M0,0H3V4L0,4Z");
  expect(lengthOf(points)).toBe(14);
  expect(pointAt(points, 5)).toEqual({ x: 3, y: 2 });
  expect(pointAt(points, 99)).toEqual({ x: 0, y: 0 });
});

test("curves become short pieces that end where the curve ends", () => {
  const points = flattenPath("M0,0C0,1,1,1,1,0Q2-1,3,0");
  expect(points.at(-1)).toEqual({ x: 3, y: 0 });
  expect(points).toHaveLength(17);
  expect(points[4]).toEqual({ x: 0.5, y: 0.75 });
});
