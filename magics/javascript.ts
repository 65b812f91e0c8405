import type { Magic } from "./magic.ts";
import { richCell } from "./rich-cell.ts";

const page = {
  mime: "application/javascript",
  noun: "JavaScript that runs in the page",
  example: 'element.textContent = "Hello from the browser"',
  note: "It runs in the browser, not in the kernel, and only where the notebook is trusted.",
};

/** `%%javascript` runs the cell in the page that shows the notebook. */
export const javascript: Magic = richCell({ name: "javascript", ...page });

/** `%%js` is short for `%%javascript`. */
export const js: Magic = richCell({ name: "js", ...page });
