import { findMagics } from "../cell/find-magics.ts";
import type { MagicsInfo } from "../cell/options.ts";
import type { Description } from "../language/descriptions.ts";
import type { Payload } from "../protocol/contents.ts";
import { mergeInspections } from "./answers.ts";

/** Adds what the types say to the pages that a cell's questions, `rows?` and `?rows`, have brought. */
export async function addTypes(
  payload: readonly Payload[],
  code: string,
  magics: MagicsInfo,
  describe: (source: string, offset: number) => Promise<Description | undefined>,
): Promise<readonly Payload[]> {
  const pages = payload.filter(({ source }) => source === "page");
  if (pages.length === 0 || !/^\s*\?|\?[^\S\n]*$/m.test(code)) return payload;
  const questions = findMagics(code, magics).flatMap((use) => (use.type === "help" ? [use.topic] : []));
  // A magic may show a page too; then it is not known which is whose.
  if (questions.length !== pages.length) return payload;
  return await Promise.all(
    payload.map(async (item) => {
      const topic = questions[pages.indexOf(item)];
      if (item.source !== "page" || topic === undefined || topic.startsWith("%")) return item;
      // A name may be one of a type alone.
      const asType = `type _ = ${topic}`;
      const typed = (await describe(topic, topic.length)) ?? (await describe(asType, asType.length));
      if (!typed) return item;
      const found = "text/markdown" in item.data;
      return { ...item, data: mergeInspections(typed, { found, data: item.data }).data };
    }),
  );
}
