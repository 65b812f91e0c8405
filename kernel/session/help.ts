import { findMagics } from "../cell/find-magics.ts";
import type { MagicsInfo } from "../cell/options.ts";
import type { Description } from "../language/descriptions.ts";
import type { Payload } from "../protocol/contents.ts";
import { mergeInspections } from "./answers.ts";

/** Asks the types what stands at an offset; with `detail` 1, what declares it too. */
export type Describe = (code: string, offset: number, detail: 0 | 1) => Promise<Description | undefined>;

/** Asks about a name that stands alone on its line, which may be one of a type, or else about code. */
export async function describeAt(
  describe: Describe,
  code: string,
  offset: number,
  detail: 0 | 1,
): Promise<Description | undefined> {
  const found = await describe(code, offset, detail);
  const [line = ""] = code.slice(code.lastIndexOf("\n", offset - 1) + 1).split("\n", 1);
  const name = line.replace(/;?\s*$/, "").trim();
  if (found || !/^[\p{ID_Start}$_][\p{ID_Continue}$]*(?:\.[\p{ID_Start}$_][\p{ID_Continue}$]*)*$/u.test(name))
    return found;
  const asType = `type _ = ${name}`;
  return describe(asType, asType.length, detail);
}

/** Adds what the types say to the pages that a cell's questions, `rows?` and `?rows`, have brought. */
export async function addTypes(
  payload: readonly Payload[],
  code: string,
  magics: MagicsInfo,
  describe: Describe,
): Promise<readonly Payload[]> {
  const pages = payload.filter(({ source }) => source === "page");
  if (pages.length === 0 || !/^\s*\?|\?[^\S\n]*$/m.test(code)) return payload;
  const questions = findMagics(code, magics).filter((use) => use.type === "help");
  // A magic may show a page too; then it is not known which is whose.
  if (questions.length !== pages.length) return payload;
  return await Promise.all(
    payload.map(async (item) => {
      const question = questions[pages.indexOf(item)];
      if (item.source !== "page" || question === undefined || question.topic.startsWith("%")) return item;
      const { topic, level } = question;
      const typed = await describeAt(describe, topic, topic.length, level);
      if (!typed) return item;
      const found = "text/markdown" in item.data;
      return { ...item, data: mergeInspections(typed, { found, data: item.data }, level).data };
    }),
  );
}
