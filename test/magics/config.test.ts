import { describe, expect, test } from "vitest";
import { config } from "../../magics/config.ts";
import { createNotebook, lineCall, template } from "./context.ts";
import { testMagic } from "./contract.ts";

testMagic(config, { wrong: ["--no-such-option", "=2GB", "memory =", "memory = lots", "memroy"] });

const gb = 2 ** 30;

async function run(line: Parameters<typeof lineCall>[0], notebook = createNotebook()): Promise<string> {
  await config.run(lineCall(line), notebook.context);
  return notebook.printed();
}

describe("%config", () => {
  test("lists every setting with its value, variable and meaning", async () => {
    const notebook = createNotebook();
    notebook.context.settings.set("memory", "2GB");
    await config.run(lineCall(), notebook.context);
    const text = String(notebook.shown[0]?.data["text/plain"]);
    expect(text).toMatch(/^memory +2 GB +TYPHOON_MEMORY +memory that the runtime process may use/m);
    expect(await config.run(lineCall("", { assigned: true }), notebook.context)).toMatchObject({
      memory: 2 * gb,
      plain: false,
    });
  });

  test.each([["memory = 2GB"], ["memory=2GB"], ["memory 2GB"], [template`memory = ${2 * gb}`]])(
    "%s sets it",
    async (line) => {
      const notebook = createNotebook();
      expect(await run(line, notebook)).toBe("memory = 2 GB\n");
      expect(notebook.context.settings.get("memory")).toBe(2 * gb);
      expect(await config.run(lineCall("memory", { assigned: true }), notebook.context)).toBe(2 * gb);
    },
  );

  test("more memory than the machine has is remarked on", async () => {
    const notebook = createNotebook();
    expect(await run("memory = 4000TB", notebook)).toBe("memory = 4000 TB\n");
    expect(notebook.printed("stderr")).toMatch(/^%config: this machine has .* the system ends the runtime, /);
    const small = createNotebook();
    await run("memory = 300MB", small);
    expect(small.printed("stderr")).toBe("");
  });

  test("default takes a change back", async () => {
    const notebook = createNotebook();
    await run("memory = 1TB", notebook);
    await run("memory = default", notebook);
    expect(notebook.context.settings.isSet("memory")).toBe(false);
  });

  test.each([
    ["memory = lots", '%config: memory is a size from 256 MB on, such as 512MB or 2GB, not "lots"'],
    ["memory = 4GB // note", '. Leave out "// note": a comment has a line of its own. `%config memory = default`'],
    ["TYPHOON_MEMORY = 4GB", '%config: there is no setting "TYPHOON_MEMORY". Did you mean memory?'],
    ["memory =", "%config: memory needs a value, as in `%config memory = VALUE`"],
    ["memroy = 2GB", '%config: there is no setting "memroy". Did you mean memory? `%config` lists all settings.'],
    ["zzz", '%config: there is no setting "zzz". `%config` lists all settings.'],
    [
      "plain = 1",
      "%config: plain is read when the kernel starts. Set TYPHOON_PLAIN before, as by `typhoon install --env TYPHOON_PLAIN=VALUE`",
    ],
  ])("%s: an error that says what to do", async (line, message) => {
    await expect(run(line)).rejects.toThrow(message);
  });
});
