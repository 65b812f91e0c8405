import { withoutOwnNames } from "./bindings.ts";
import type { Document } from "./documents.ts";
import { toMade } from "./plain-cell.ts";
import { toPosition } from "./places.ts";
import type { Hover, SignatureHelp } from "./protocol.ts";
import type { LanguageServer } from "./server.ts";

/** What the types know of a name or a call. */
export interface Description {
  readonly markdown: string;
  readonly text: string;
}

/** Asks what the name at an offset of a cell is, or the call in whose arguments it is; undefined in text that is no code. */
export async function askDescription(
  server: LanguageServer,
  document: Document,
  offset: number,
): Promise<Description | undefined> {
  const at = toMade(document.segments, offset);
  if (at === undefined) return undefined;
  const ask = async <T>(method: string, place: number): Promise<T> =>
    await server.ask<T>(method, document.path, { position: toPosition(document.text, place) });
  // The cursor stands behind the name as often as in it.
  const isWord = (place: number): boolean => /[\p{ID_Continue}$]/u.test(document.text[place] ?? "");
  const hovered = isWord(at) || !isWord(at - 1) ? at : at - 1;
  const hover = isWord(hovered) ? await ask<Hover | null>("textDocument/hover", hovered) : null;
  const found = hover
    ? readHover(hover)
    : readSignatures(await ask<SignatureHelp | null>("textDocument/signatureHelp", at));
  return found && { ...found, markdown: withoutOwnNames(found.markdown), text: withoutOwnNames(found.text) };
}

/** Reads an answer to `textDocument/hover`. */
function readHover({ contents }: Hover): Description | undefined {
  const markdown = contents.value.trim().replaceAll(/^```typescript$/gm, "```ts");
  const isUnknown = markdown === "" || markdown === unknownName;
  return isUnknown ? undefined : { markdown, text: toText(markdown) };
}

// What the server says of a name that nobody has declared.
const unknownName = "```ts\nany\n```";

/** Reads an answer to `textDocument/signatureHelp`: the signatures, the parameter at the cursor, the documentation. */
function readSignatures(help: SignatureHelp | null): Description | undefined {
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
