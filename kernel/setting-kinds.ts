/** How the values of a setting are written. */
export interface Kind<T> {
  /** Completes "NAME is …": the right form, with an example. */
  readonly form: string;
  /** Reads a value; undefined where it has not that form. */
  parse(text: string): T | undefined;
  format(value: T): string;
  /** Words that are values of it, for completion. */
  readonly words?: readonly string[];
}

const units = ["B", "KB", "MB", "GB", "TB"] as const;

/** A number of bytes from `least` on: `512MB`, `2GB`, `1.5 GiB`, a plain number such as `1e9`. Units are powers of 1,024. */
export function size({ least = 0 }: { readonly least?: number } = {}): Kind<number> {
  const from = least > 0 ? ` from ${formatBytes(least)} on` : "";
  return {
    form: `a size${from}, such as 512MB or 2GB`,
    parse(text) {
      const [, number, unit = ""] = /^(\d[\d_]*(?:\.\d+)?(?:e\d+)?)\s*([KMGT]?)(?:i?B)?$/i.exec(text) ?? [];
      if (number === undefined) return undefined;
      const power = "KMGT".indexOf(unit.toUpperCase()) + 1;
      const bytes = Math.round(Number(number.replaceAll("_", "")) * 1024 ** (unit === "" ? 0 : power));
      return Number.isSafeInteger(bytes) && bytes >= least ? bytes : undefined;
    },
    format: formatBytes,
  };
}

/** A whole number from `least` on: `1000`, `10_000`. */
export function count({ least = 0 }: { readonly least?: number } = {}): Kind<number> {
  return {
    form: `a whole number from ${least} on`,
    parse(text) {
      const number = /^\d[\d_]*$/.test(text) ? Number(text.replaceAll("_", "")) : Number.NaN;
      return Number.isSafeInteger(number) && number >= least ? number : undefined;
    },
    format: String,
  };
}

/** A limit, or none: `0`, `none` and `unlimited` are infinity. */
export function orNone(kind: Kind<number>): Kind<number> {
  return {
    form: `${kind.form}, or none`,
    parse: (text) => (/^(?:0|none|unlimited)$/i.test(text) ? Number.POSITIVE_INFINITY : kind.parse(text)),
    format: (value) => (value === Number.POSITIVE_INFINITY ? "none" : kind.format(value)),
    words: ["none"],
  };
}

/** On or off. */
export const toggle: Kind<boolean> = {
  form: "1 or 0",
  parse: (text) => (/^(?:1|true|on|yes)$/i.test(text) ? true : /^(?:0|false|off|no)$/i.test(text) ? false : undefined),
  format: (value) => (value ? "1" : "0"),
  words: ["1", "0"],
};

/** One of a few words. */
export function oneOf<const W extends string>(...words: readonly W[]): Kind<W> {
  return {
    form: `${words.slice(0, -1).join(", ")} or ${words.at(-1)}`,
    parse: (value) => words.find((word) => word === value.toLowerCase()),
    format: (value) => value,
    words,
  };
}

/** Any text. */
export const text: Kind<string> = { form: "a text", parse: (value) => value, format: (value) => value };

/** Writes a number of bytes with two or three significant digits: `512 MB`, `1.5 GB`. */
export function formatBytes(bytes: number): string {
  const power = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(bytes) / 10));
  const number = bytes / 1024 ** power;
  return `${number.toFixed(number < 10 && !Number.isInteger(number) ? 1 : 0)} ${units[power]}`;
}
