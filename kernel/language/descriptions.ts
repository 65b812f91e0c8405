import { type Bindings, withoutOwnNames, writeShown } from "./bindings.ts";
import type { Document } from "./documents.ts";
import { toMade } from "./plain-cell.ts";
import { toPosition } from "./places.ts";
import type { Hover, Position, SignatureHelp } from "./protocol.ts";
import type { LanguageServer } from "./server.ts";
import { type Source, findSource, withoutBodies } from "./sources.ts";

/** What the types know of a name or a call. */
export interface Description {
  readonly markdown: string;
  readonly text: string;
  /** What declares it, where that was asked for. */
  readonly source?: Source | undefined;
}

/** How much is asked, and in which folder: paths are shown as from there. */
export interface Asked {
  readonly folder: string;
  /** 1: what declares the name too. */
  readonly detail: 0 | 1;
  /** The names of earlier cells. */
  readonly bindings: Bindings;
}

/** Asks what the name at an offset of a cell is, or the call in whose arguments it is; undefined in text that is no code. */
export async function askDescription(
  server: LanguageServer,
  { path, text, segments }: Document,
  offset: number,
  { folder, detail, bindings }: Asked,
): Promise<Description | undefined> {
  const at = toMade(segments, offset);
  if (at === undefined) return undefined;
  // The cursor stands behind the name as often as in it.
  const isWord = (place: number): boolean => /[\p{ID_Continue}$]/u.test(text[place] ?? "");
  const hovered = toPosition(text, isWord(at) || !isWord(at - 1) ? at : at - 1);
  const ask = async <T>(method: string, position: Position): Promise<T> => server.ask<T>(method, path, { position });
  const hover = isWord(at) || isWord(at - 1) ? await ask<Hover | null>("textDocument/hover", hovered) : null;
  if (!hover) {
    const call = readSignatures(await ask<SignatureHelp | null>("textDocument/signatureHelp", toPosition(text, at)));
    return call && clean(call);
  }
  const read = readHover(hover, bindings);
  const found = read && clean(read);
  if (!found) return undefined;
  const [, kind] = hasMembers.exec(found.markdown) ?? [];
  if (detail === 0 && kind === undefined) return found;
  const source = await findSource(server, folder, path, hovered);
  if (!source || kind === undefined) return clean({ ...found, source });
  const code = detail === 1 ? source.code : shorten(kind === "class" ? withoutBodies(source.code) : source.code);
  return clean({ ...withMembers(found.markdown, code), source: detail === 1 ? { ...source, code: "" } : undefined });
}

// Of these the server says the name alone.
const hasMembers = /^```ts\n(?:declare |abstract |const )*(class|interface|enum) [^\n]*\n```/;
const mostLines = 40;

function shorten(code: string): string {
  const lines = code.split("\n");
  const more = lines.length > mostLines ? [`… ${lines.length - mostLines} more lines`] : [];
  return [...lines.slice(0, mostLines), ...more].join("\n");
}

/** Puts a declaration in the place of its name. */
function withMembers(markdown: string, code: string): Description {
  const shown = code.replaceAll("```", "'''");
  const whole = markdown.replace(/^```ts\n[^\n]*\n```/, () => `\`\`\`ts\n${shown}\n\`\`\``);
  return { markdown: whole, text: toText(whole) };
}

function clean({ markdown, text, source }: Description): Description {
  return {
    markdown: withoutOwnNames(markdown),
    text: withoutOwnNames(text),
    source: source && { ...source, code: withoutOwnNames(source.code) },
  };
}

/** Reads an answer to `textDocument/hover`. */
function readHover({ contents }: Hover, bindings: Bindings): Description | undefined {
  const markdown = writeShown(contents.value.trim(), bindings, Infinity).replaceAll(/^```typescript$/gm, "```ts");
  const isUnknown = markdown === "" || markdown === unknownName || markdown.includes("/*unresolved*/");
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
