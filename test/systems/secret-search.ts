import { readFileSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { formsOf } from "../../magics/known-secrets.ts";

/** A password, and whose it is. */
export interface Login {
  readonly user: string;
  readonly password: string;
}

/** Names the files of a folder, and the texts, in which a password stands in any form; each with the form. */
export function findSecrets(
  logins: readonly Login[],
  { folder, texts = {}, except = () => false }: Searched,
): { readonly where: string; readonly form: string }[] {
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile() && !except(path));
  const all = [...files.map((path) => [path, readFileSync(path)] as const), ...Object.entries(texts)];
  return all.flatMap(([where, text]) =>
    logins.flatMap(({ user, password }) =>
      formsOf(password, user)
        .filter((form) => text.includes(form))
        .map((form) => ({ where, form })),
    ),
  );
}

/** Where `findSecrets` looks. */
export interface Searched {
  readonly folder: string;
  /** Texts by what they are. */
  readonly texts?: Readonly<Record<string, string>>;
  /** Files that are to hold passwords. */
  readonly except?: (path: string) => boolean;
}
