import type { Magic } from "./magic.ts";
import { richCell } from "./rich-cell.ts";

/** `%%html` shows the cell as HTML. */
export const html: Magic = richCell({
  name: "html",
  mime: "text/html",
  noun: "HTML",
  example: "<b>Ulm</b> has <i>126,000</i> people.",
  note: "Scripts in it run only where the notebook is trusted.",
});
