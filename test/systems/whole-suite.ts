import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { type Login, findSecrets } from "./secret-search.ts";

// What the suite leaves behind is searched for the passwords of its servers once all its files have run: the folders of the
// kernels with their histories, notebooks and pages.

const variable = "TYPHOON_TEST_RECORDS";

/** Remembers a server's password for the search. */
export function recordLogin(login: Login): void {
  append("logins", JSON.stringify(login));
}

/** Remembers a kernel's folder for the search. */
export function recordFolder(folder: string): void {
  append("folders", folder);
}

function append(file: string, line: string): void {
  const records = process.env[variable];
  if (records !== undefined) appendFileSync(join(records, file), `${line}\n`, { mode: 0o600 });
}

/** Called by vitest before the first file; what it returns, after the last. */
export function setup(): () => void {
  const records = mkdtempSync(join(tmpdir(), "typhoon-records-"));
  process.env[variable] = records;
  return () => {
    const lines = (file: string): string[] => {
      const path = join(records, file);
      return existsSync(path) ? readFileSync(path, "utf8").trimEnd().split("\n") : [];
    };
    const logins = lines("logins").map((line) => JSON.parse(line) as Login);
    const folders = lines("folders").filter((folder) => existsSync(folder));
    rmSync(records, { recursive: true });
    const found = folders.flatMap((folder) => findSecrets(logins, { folder, except: isMeantToHold }));
    if (found.length > 0)
      throw new Error(`passwords were left behind in ${[...new Set(found.map(({ where }) => where))].join(", ")}`);
    console.log(`secrets: none of ${logins.length} passwords is in ${folders.length} kernels' folders`);
  };
}

/** The file that tests write passwords into. */
function isMeantToHold(path: string): boolean {
  return basename(path) === "connections.toml";
}
