import { describe, expect, test } from "vitest";
import { clip, escapeHtml, oneLine, pad, textWidth } from "../../display/text.ts";

describe("text", () => {
  test("is escaped between tags and in attributes", () => {
    expect(escapeHtml(`<a href="x" title='y'>&amp;`)).toBe("&lt;a href=&quot;x&quot; title=&#39;y&#39;&gt;&amp;amp;");
  });

  test("is cut with an ellipsis, never inside a surrogate pair", () => {
    expect(clip("abcdef", 4)).toBe("abc…");
    expect(clip("ab😀cd", 4)).toBe("ab…");
    expect(clip("abc", 3)).toBe("abc");
  });

  test("stays on its line: control characters, bidirectional overrides and lone surrogates are escaped", () => {
    expect(oneLine("a\nb\tc\u001B[31m")).toBe(String.raw`a\nb\tc\u001b[31m`);
    expect(oneLine("\u202Eabc\uD800")).toBe("\\u202eabc\uFFFD");
  });

  test("is aligned by terminal columns", () => {
    expect(["abc", "日本", "e\u0301", "😀"].map(textWidth)).toEqual([3, 4, 1, 2]);
    expect(pad("日本", 6, "right")).toBe("  日本");
  });
});
