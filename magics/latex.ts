import type { Magic } from "./magic.ts";
import { richCell } from "./rich-cell.ts";

/** `%%latex` shows the cell as mathematics. */
export const latex: Magic = richCell({
  name: "latex",
  mime: "text/latex",
  noun: "LaTeX mathematics",
  example: String.raw`$$\int_0^1 x^2\,dx = \tfrac{1}{3}$$`,
});
