import { afterEach, describe, expect, test } from "vitest";
import { env } from "../../magics/env.ts";
import { maskSecret } from "../../magics/mask-secrets.ts";
import { isSecretName } from "../../magics/secret.ts";
import { createNotebook, lineCall, template } from "./context.ts";
import { testMagic } from "./contract.ts";

testMagic(env, { wrong: ["--no-such-option", "=x"] });

afterEach(() => {
  for (const name of Object.keys(process.env)) if (name.startsWith("TYPHOON_TEST_")) delete process.env[name];
});

describe("%env", () => {
  test.each([
    ["TYPHOON_TEST_A=b", "b"],
    ["TYPHOON_TEST_A b c", "b c"],
    ["TYPHOON_TEST_A = 'b c'", "b c"],
    ['TYPHOON_TEST_A="it\'s"', "it's"],
    ["TYPHOON_TEST_A=x=y", "x=y"],
    ["TYPHOON_TEST_A=", ""],
  ])("%s sets %j", async (line, value) => {
    const notebook = createNotebook();
    await env.run(lineCall(line), notebook.context);
    expect(process.env["TYPHOON_TEST_A"]).toBe(value);
    expect(notebook.printed()).toBe(`TYPHOON_TEST_A=${value}\n`);
    expect(await env.run(lineCall("TYPHOON_TEST_A"), notebook.context)).toBe(value);
  });

  test("a value of the notebook is put in", async () => {
    await env.run(lineCall(template`TYPHOON_TEST_N=${42}`), createNotebook().context);
    expect(process.env["TYPHOON_TEST_N"]).toBe("42");
  });

  test("a variable that is not set is an error that says how to set it", async () => {
    const missing = env.run(lineCall("TYPHOON_TEST_NO"), createNotebook().context);
    await expect(missing).rejects.toThrow("TYPHOON_TEST_NO is not set; set it with `%env TYPHOON_TEST_NO=VALUE`");
  });

  test("the listing is sorted and hides secrets, printed or assigned", async () => {
    process.env["TYPHOON_TEST_B"] = "plain";
    process.env["TYPHOON_TEST_API_KEY"] = "s3cr3t";
    process.env["TYPHOON_TEST_URL"] = "postgres://ada:s3cr3t@db/shop";
    const notebook = createNotebook();
    await env.run(lineCall(), notebook.context);
    const lines = notebook
      .printed()
      .split("\n")
      .filter((line) => line.startsWith("TYPHOON_TEST_"));
    expect(lines).toEqual([
      "TYPHOON_TEST_API_KEY=········",
      "TYPHOON_TEST_B=plain",
      "TYPHOON_TEST_URL=postgres://ada:········@db/shop",
    ]);
    const all = await env.run(lineCall("", { assigned: true }), notebook.context);
    expect(all).toMatchObject({ TYPHOON_TEST_B: "plain", TYPHOON_TEST_API_KEY: "········" });
  });

  test("setting a secret does not print it", async () => {
    const notebook = createNotebook();
    await env.run(lineCall("TYPHOON_TEST_TOKEN=s3cr3t"), notebook.context);
    expect(notebook.printed()).toBe("TYPHOON_TEST_TOKEN=········\n");
  });
});

describe("names of secrets", () => {
  test.each([
    "AWS_SECRET_ACCESS_KEY",
    "GITHUB_TOKEN",
    "apiKey",
    "PGPASSWORD",
    "NPM_AUTH",
    "password",
    "MY_PASS",
    "dbPassword",
  ])("%s is one", (name) => expect(isSecretName(name)).toBe(true));
  test.each(["PWD", "OLDPWD", "HOME", "PATH", "KEYBOARD", "monkey", "author", "passengers", "compass"])(
    "%s is none",
    (name) => expect(isSecretName(name)).toBe(false),
  );
  test("an empty secret is shown as empty", () => expect(maskSecret("TOKEN", "")).toBe(""));
});
