import type { Magic } from "./magic.ts";
import { richCell } from "./rich-cell.ts";

/** `%%svg` shows the cell as an SVG image. */
export const svg: Magic = richCell({
  name: "svg",
  mime: "image/svg+xml",
  noun: "an SVG image",
  example: '<svg xmlns="http://www.w3.org/2000/svg" width="20" height="20"><circle cx="10" cy="10" r="9"/></svg>',
});
