import type { Hover, SignatureHelp } from "./protocol.ts";

/** What the types know of a name or a call. */
export interface Description {
  readonly markdown: string;
  readonly text: string;
}

/** Reads an answer to `textDocument/hover`. */
export function readHover({ contents }: Hover): Description | undefined {
  const markdown = contents.value.trim().replaceAll(/^```typescript$/gm, "```ts");
  const isUnknown = markdown === "" || markdown === unknownName;
  return isUnknown ? undefined : { markdown, text: toText(markdown) };
}

// What the server says of a name that nobody has declared.
const unknownName = "```ts\nany\n```";

/** Reads an answer to `textDocument/signatureHelp`: the signatures, the parameter at the cursor, the documentation. */
export function readSignatures(help: SignatureHelp | null): Description | undefined {
  const active = help?.signatures[help.activeSignature ?? 0];
  if (!help || !active) return undefined;
  const others = help.signatures.filter((signature) => signature !== active);
  const shown = [active, ...others].slice(0, mostSignatures).map(({ label }) => label);
  const parameter = active.parameters?.[help.activeParameter ?? 0];
  const markdown = [
    `\`\`\`ts\n${shown.join("\n")}\n\`\`\``,
    ...(parameter ? [`**${parameter.label}**${about(parameter)}`] : []),
    ...(active.documentation ? [active.documentation.value] : []),
  ].join("\n\n");
  return { markdown, text: toText(markdown) };
}

const mostSignatures = 8;

function about({ documentation }: { readonly documentation?: { readonly value: string } }): string {
  return documentation && documentation.value !== "" ? `: ${documentation.value}` : "";
}

/** Markdown without its marks, for consoles. */
function toText(markdown: string): string {
  return markdown
    .replaceAll(/^```\w*\n?/gm, "")
    .replaceAll(/\*\*([^*]+)\*\*|\*(@\w+)\*|`([^`\n]+)`/g, "$1$2$3")
    .trim();
}
