import type { Magic } from "./magic.ts";
import { richCell } from "./rich-cell.ts";

/** `%%markdown` shows the cell as Markdown. */
export const markdown: Magic = richCell({
  name: "markdown",
  mime: "text/markdown",
  noun: "Markdown",
  example: "**Ulm** has 126,000 people.",
});
