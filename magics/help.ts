import type { MimeBundle } from "../display/mimebundle.ts";
import { usage } from "./arguments.ts";
import type { Magic } from "./magic.ts";

/** Makes what `%name?` shows: the usage, what the magic does, and its help. */
export function helpBundle(magic: Magic): MimeBundle {
  const { help, summary } = magic;
  const does = summary.slice(usage(magic).length).trim();
  const sentence = `${does.charAt(0).toUpperCase()}${does.slice(1)}.`;
  const plain = help.replaceAll(/^```.*\n?/gm, "").replaceAll(/`([^`\n]+)`/g, "$1");
  return {
    data: {
      "text/markdown": `\`${usage(magic)}\`\n\n${sentence}\n\n${help}`,
      "text/plain": `${usage(magic)}\n\n${sentence}\n\n${plain}`,
    },
    metadata: {},
  };
}
