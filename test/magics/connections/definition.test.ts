import { expect, test } from "vitest";
import { toUrl } from "../../../magics/connections/definition.ts";
import { splitTarget } from "../../../magics/connections/target.ts";

const definition = (entries: Record<string, string>): Parameters<typeof toUrl>[0] => ({
  name: "a",
  path: "/n/connections.toml",
  place: "/n/connections.toml:1",
  entries: () => entries,
});

test("$${ stands for itself, in a password and in a URL", () => {
  const password = (entries: Record<string, string>): string | undefined => {
    const url = toUrl(definition(entries));
    return splitTarget({ kind: "postgres", url: () => url } as never).password;
  };
  expect(password({ url: "postgresql://u@h/d", password: "a$${x}b$${" })).toBe("a${x}b${");
  expect(password({ url: "postgresql://u:a$${x}b@h/d" })).toBe("a${x}b");
  expect(password({ url: "postgresql://u@h/d", password: "a$b{c}$" })).toBe("a$b{c}$");
});

test("a part of a password that is taken for a variable is not told, but how it is written", () => {
  expect(() => toUrl(definition({ url: "postgresql://u@h/d", password: "a${s3cret}" }))).toThrow(
    "/n/connections.toml:1: what begins with ${ is none of ${env:NAME} and ${file:PATH}. Where the text itself has ${, write $${",
  );
});
