import { type Node, parseSync } from "oxc-parser";

/** A cell's TypeScript as a syntax tree. */
export interface Parsed {
  readonly body: readonly Node[];
  /** Whether it needs to be read as TSX. */
  readonly tsx: boolean;
  /** The first error's message. */
  readonly error: string | undefined;
}

/** Parses TypeScript; `<T>value` is a type assertion, so JSX is tried only where that fails. */
export function parse(code: string): Parsed {
  const plain = parseSync("cell.ts", code, { lang: "ts", sourceType: "module" });
  if (plain.errors.length > 0 && code.includes("<")) {
    const jsx = parseSync("cell.tsx", code, { lang: "tsx", sourceType: "module" });
    const [plainAt, jsxAt] = [plain, jsx].map(({ errors }) => errors[0]?.labels[0]?.start ?? Infinity);
    if (jsx.errors.length === 0 || jsxAt! > plainAt!) return toParsed(jsx, true);
  }
  return toParsed(plain, false);
}

function toParsed({ program, errors }: ReturnType<typeof parseSync>, tsx: boolean): Parsed {
  return { body: (program as unknown as { body: Node[] }).body, tsx, error: errors[0]?.message };
}
