import { dots } from "../../magics/mask-secrets.ts";

/** Takes secrets out of texts and messages, in every form that it was told. */
export interface Scrubber {
  /** True once there is a secret: until then nothing is looked at. */
  readonly isActive: boolean;
  /** Adds the forms of a secret; false where all were known. */
  add(forms: readonly string[]): boolean;
  /** Puts dots in place of each secret. */
  scrub(text: string): string;
  /** Does so in all texts of a value that becomes JSON; returns the same value where it holds none. */
  scrubValue<T>(value: T): T;
  /** Overwrites secrets in bytes; returns the same bytes where they hold none. */
  scrubBytes(bytes: Uint8Array): Uint8Array;
  /** Finds the secrets in a text, from left to right. */
  find(text: string): { readonly start: number; readonly end: number }[];
  /** How many characters at the end of a text may be the beginning of a secret. */
  begun(text: string): number;
  /** Length of the longest form. */
  readonly longest: number;
}

// A few bytes match by chance.
const leastInBytes = 5;
const binary = /^(?:image\/(?!svg)|audio\/|video\/|application\/(?:pdf|octet-stream|vnd\.apache\.arrow))/;

/** Creates a scrubber that knows no secret yet. */
export function createScrubber(): Scrubber {
  let forms: string[] = [];
  let pattern = /(?!)/g;
  // One pattern is faster than a search for each form, from a few forms on.
  let any = /(?!)/;
  let shortest = 0;
  let numbers = new Set<string>();
  let longest = 0;

  function scrub(text: string): string {
    if (text.length < shortest || !any.test(text)) return text;
    return text.replaceAll(pattern, dots);
  }

  function scrubAny(value: unknown): unknown {
    if (typeof value === "string") return scrub(value);
    if (typeof value === "number") return numbers.size > 0 && numbers.has(String(value)) ? dots : value;
    if (typeof value !== "object" || value === null) return value;
    if (Array.isArray(value)) return scrubItems(value);
    const prototype: unknown = Object.getPrototypeOf(value);
    return prototype === Object.prototype || prototype === null ? scrubMembers(value) : value;
  }

  function scrubItems(items: readonly unknown[]): readonly unknown[] {
    let changed: unknown[] | undefined;
    for (let i = 0; i < items.length; i++) {
      const item = items[i];
      const clean = scrubAny(item);
      if (clean !== item) (changed ??= [...items])[i] = clean;
    }
    return changed ?? items;
  }

  function scrubMembers(value: object): object {
    let changed = false;
    const entries = Object.entries(value).map(([key, member]: [string, unknown]): [string, unknown] => {
      const name = scrub(key);
      const clean = binary.test(key) && typeof member === "string" ? scrubBase64(member) : scrubAny(member);
      changed ||= name !== key || clean !== member;
      return [name, clean];
    });
    return changed ? Object.fromEntries(entries) : value;
  }

  /** Binary data stays what it is, with other bytes in place of a secret. */
  function scrubBase64(text: string): string {
    const bytes = Buffer.from(text, "base64");
    const clean = scrubBytes(bytes);
    return clean === bytes ? text : Buffer.from(clean).toString("base64");
  }

  function scrubBytes(bytes: Uint8Array): Uint8Array {
    let clean: Buffer | undefined;
    for (const form of forms) {
      if (Buffer.byteLength(form) < leastInBytes) continue;
      const from = Buffer.from(form);
      const view = clean ?? Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      for (let at = view.indexOf(from); at >= 0; at = view.indexOf(from, at + from.length))
        (clean ??= Buffer.from(view)).fill("*", at, at + from.length);
    }
    return clean ?? bytes;
  }

  return {
    get isActive() {
      return forms.length > 0;
    },
    get longest() {
      return longest;
    },
    add(more) {
      const known = forms.length;
      // The longest first: a form may begin another.
      forms = [...new Set([...forms, ...more])].filter((form) => form !== "").toSorted((a, b) => b.length - a.length);
      if (forms.length === known) return false;
      longest = forms[0]!.length;
      shortest = forms.at(-1)!.length;
      any = new RegExp(forms.map((form) => form.replaceAll(/[$()*+.?[\\\]^{|}]/g, "\\$&")).join("|"));
      pattern = new RegExp(any.source, "g");
      numbers = new Set(forms.filter((form) => String(Number(form)) === form));
      return true;
    },
    scrub,
    scrubValue: (value) => (forms.length === 0 ? value : (scrubAny(value) as typeof value)),
    scrubBytes,
    find(text) {
      if (text.length < shortest || !any.test(text)) return [];
      return Array.from(text.matchAll(pattern), ({ index, 0: found }) => ({ start: index, end: index + found.length }));
    },
    begun(text) {
      const end = text.slice(-longest);
      let most = 0;
      for (const form of forms) {
        for (let length = Math.min(form.length - 1, end.length); length > most; length--) {
          // Less than a quarter of it may be seen: a text that ends so by chance is not held back.
          if (length * 4 < form.length) break;
          if (end.endsWith(form.slice(0, length))) most = length;
        }
      }
      return most;
    },
  };
}
