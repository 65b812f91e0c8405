import { expect, test } from "vitest";
import { parseTarget, withoutPassword } from "../../../magics/connections/target.ts";
import { warnOfPassword } from "../../../magics/connections/typed-password.ts";
import { createNotebook } from "../context.ts";

test("a URL keeps what says where keys are and how to log in, and loses what is a key itself", () => {
  const url = "mongodb://u:s3cret@h/d?authSource=admin&tls_key=a.pem&tls_key_password=s3cret&password=s3cret";
  expect(withoutPassword(url)).toBe("mongodb://u@h/d?authSource=admin&tls_key=a.pem");
});

test.for(["redis://:s3cret@h", "redis://h?password=s3cret"])("a password that is typed is told of: %s", (url) => {
  const notebook = createNotebook();
  warnOfPassword(parseTarget("cache", url, "/"), `%connect ${url}`, notebook.context);
  expect(notebook.printed("stderr")).toContain('password = "${env:CACHE_PASSWORD}"');
  expect(notebook.printed("stderr")).not.toContain("s3cret");
});
