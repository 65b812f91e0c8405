import type { MimeBundle } from "../display/mimebundle.ts";
import { usage } from "./arguments.ts";
import type { Magic } from "./magic.ts";

/** Makes what `%name?` shows: the usage, what the magic does, and its help. */
export function helpBundle(magic: Magic): MimeBundle {
  const { help, summary } = magic;
  const does = summary.slice(usage(magic).length).trim();
  const sentence = `${does.charAt(0).toUpperCase()}${does.slice(1)}.`;
  return {
    data: {
      "text/markdown": `\`${usage(magic)}\`\n\n${sentence}\n\n${help}`,
      "text/plain": `${usage(magic)}\n\n${sentence}\n\n${plainText(help)}`,
    },
    metadata: {},
  };
}

/** Takes the marks of Markdown off; code blocks stay as they are. */
function plainText(markdown: string): string {
  const parts = markdown.split(/^```.*\n?/m);
  // Between the fences every second part is code.
  return parts.map((part, i) => (i % 2 === 0 ? part.replaceAll(/`([^`\n]+)`/g, "$1") : part)).join("");
}
