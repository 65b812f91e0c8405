import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { dots, maskUrls } from "../../magics/mask-secrets.ts";
import { cases, fuzzTimeoutMs } from "../fuzz.ts";

describe("a URL loses its password", () => {
  test.for([
    ["postgresql://ann:pw@h/db", `postgresql://ann:${dots}@h/db`],
    ['connect("redis://:pw@h")', `connect("redis://:${dots}@h")`],
    ["postgresql://u:p@ss#w/ord@h", `postgresql://u:${dots}@h`],
    ["redis://:p'x@h", `redis://:${dots}@h`],
    ["don't mysql://o'b:p\"w@h --as x, can't", `don't mysql://o'b:${dots}@h --as x, can't`],
    ['x = "redis://:my pass@h"', `x = "redis://:${dots}@h"`],
    ["'redis://:p'x@h'", `'redis://:${dots}@h'`],
    [String.raw`"redis://:p\"w@h"`, `"redis://:${dots}@h"`],
    [
      String.raw`"{\"url\":\"redis://:p@h\",\"to\":\"a@b\"}"`,
      String.raw`"{\"url\":\"redis://:${dots}@h\",\"to\":\"a@b\"}"`,
    ],
    ["\u001B[32m'redis://:p@h'\u001B[39m to a@b", `\u001B[32m'redis://:${dots}@h'\u001B[39m to a@b`],
    ["http://proxy?to=redis://:p@h", `http://proxy?to=redis://:${dots}@h`],
    ["`redis://:${a}b@h`", `\`redis://:${dots}@h\``],
    ["postgres://u:1234@h", `postgres://u:${dots}@h`],
    ["postgres://u:p@h/d?mail=a@b&password=q", `postgres://u:${dots}@h/d?mail=a@b&password=${dots}`],
    ['"redis://h?password=p\'q&db=1"', `"redis://h?password=${dots}&db=1"`],
    ["http://h/a?api_key=p#x&page=1", `http://h/a?api_key=${dots}&page=1`],
  ] as const)("%s", ([text, clean]) => expect(maskUrls(text)).toBe(clean));
});

describe("ordinary text stays as it is", () => {
  test.for([
    "https://h:8080/a@b",
    "http://[::1]:8080/a@b",
    "mongodb://h:27017,h2:27017/db?mail=a@b",
    '"see http://localhost:8888 or a@b", "http://localhost:8888, or a@b"',
    "see https://example.com: mail a@b",
    "no://colon@h",
    "a ? b ://c:d@e",
    "postgresql://ann:${pw}@h/db and `redis://${user}:${f({ a: 1 })}@${host}/x@y`",
    "`http://localhost:${port}/@scope/x`",
    '"postgresql://ann:" + pw + "@h/db"; "is postgresql://ann:"+pw+"@h"',
    "mongodb://h/?authSource=admin&authMechanism=SCRAM-SHA-256&tls_key=client.pem",
    "http://h?token=${token}&key=",
    "write redis://USER:PASSWORD@HOST or mysql://user:password@host/database",
    "if (a) return b?password=1:c",
  ] as const)("%s", (text) => expect(maskUrls(text)).toBe(text));
});

// What a password may hold where it stands: letters, and what URLs, literals and regular expressions mean something by.
const password = (without: string): fc.Arbitrary<string> =>
  fc
    .string({
      unit: fc.constantFrom(..."aB3/#@?:&%$.,;!'\"`()[]{}<>|\\^é🫐".replaceAll(without, "")),
      minLength: 1,
      maxLength: 12,
    })
    // What looks like a port or a parameter is taken for one.
    .filter((text) => !/^\d|\$\{|\?[\w.-]+=|\\$/.test(text))
    .map((text) => `<${text}>`);

describe("any password", () => {
  test.for([
    ["alone", "", "", ""],
    ["on the line of a magic", "%connect ", " --as shop", ""],
    ["in a literal", 'const db = await connect("', '"); // ask a@b.example', '"'],
    ["in another literal", "f('", "', 'a@b')", "'"],
    ["in a template", "x(`", "`)", "`"],
    ["within a text", 'say "use ', ' or so" to a@b', '"'],
  ] as const)("%s is masked, and nothing else", { timeout: fuzzTimeoutMs }, ([, before, after, quote]) => {
    fc.assert(
      fc.property(password(quote || "\0"), (secret) => {
        // The host's name has no @, so that it is clear which is the last.
        const clean = maskUrls(`${before}postgresql://ann:${secret}@db.example:5432/shop?tls=off${after}`);
        expect(clean).toBe(`${before}postgresql://ann:${dots}@db.example:5432/shop?tls=off${after}`);
      }),
      cases(300),
    );
  });

  test("any code without a login and a secret's name stays as it is", { timeout: fuzzTimeoutMs }, () => {
    const piece = fc.constantFrom(
      "http://",
      "a.example",
      ":8080",
      "/path/@scope/x@1",
      "?q=",
      "&page=2",
      "#",
      '"',
      "'",
      "`",
      "\\",
      "${x}",
      " ",
      "\n",
      "(",
      "://",
      "ann@",
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 20 }), (pieces) => {
        const text = pieces.join("");
        // A second colon, as in host:8080:8080 or ://:, is none of a port.
        fc.pre(!/:\/\/(?::|\S*?:(?!8080(?:[/?\s]|$)))/.test(text));
        expect(maskUrls(text)).toBe(text);
      }),
      cases(1_000),
    );
  });

  test("any text is masked once and for all", { timeout: fuzzTimeoutMs }, () => {
    const piece = fc.constantFrom(
      "redis://",
      "u",
      ":",
      "p",
      "@",
      "h",
      "/",
      "?password=",
      "&key=",
      '"',
      "'",
      "`",
      "\\",
      "${x}",
      " ",
      "\n",
      "8080",
      "://",
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 20 }), (pieces) => {
        const clean = maskUrls(pieces.join(""));
        expect(maskUrls(clean)).toBe(clean);
      }),
      cases(1_000),
    );
  });
});

describe("four times the text takes about four times as long", () => {
  test.for([
    ["many dots", (n: number) => `http://${"a.".repeat(n / 2)}`],
    ["base64", (n: number) => `${"abcdefgh".repeat(n / 8)}://x`],
    ["many URLs", (n: number) => "a://b:".repeat(n / 6)],
    ["many URLs and an address", (n: number) => `${"a://b:".repeat(n / 6)}@`],
    ["quotes that nothing ends", (n: number) => `"a://b:'a://b:\`a://b:\\"a://b:`.repeat(n / 28)],
    ["URLs in a text", (n: number) => `"x ${"a://b:".repeat(n / 6)}"`],
    ["expressions", (n: number) => "a://b:${".repeat(n / 8)],
    ["logins of expressions", (n: number) => "a://b:${x}@".repeat(n / 11)],
    ["parameters", (n: number) => `a://b?${"x=&key=".repeat(n / 7)}`],
    ["names of parameters", (n: number) => `a://b?${"password&".repeat(n / 9)}`],
    ["colons behind a port", (n: number) => `a://b:1${":".repeat(n)}`],
    ["backslashes", (n: number) => `a://b"${"\\".repeat(n)}`],
    ["queries", (n: number) => "a://b:c@?x=".repeat(n / 11)],
  ] as const)("%s", ([, make]) => {
    const time = (text: string): number => {
      const times = Array.from({ length: 3 }, () => {
        const start = performance.now();
        maskUrls(text);
        return performance.now() - start;
      });
      return Math.min(...times);
    };
    const [once, fourTimes] = [time(make(100_000)), time(make(400_000))];
    expect(fourTimes).toBeLessThan(8 * once + 100);
  });
});
