import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setOutput } from "../../display/output.ts";
import { afterEach, describe, expect, test } from "vitest";
import { quoteValue } from "../../magics/quote.ts";
import { sh, shMagic } from "../../magics/sh.ts";
import { cellCall, createNotebook, lineCall, template } from "./context.ts";
import { testMagic } from "./contract.ts";

testMagic(shMagic, {
  wrong: ["", "   "],
  short: lineCall("echo hi"),
  long: () => lineCall("echo ready; trap '' INT; sleep 60 & wait; sleep 60"),
});

const assigned = { assigned: true };

describe("%sh", () => {
  test("shows output as it comes, errors apart", async () => {
    const notebook = createNotebook();
    expect(await shMagic.run(lineCall("echo out; echo err >&2"), notebook.context)).toBeUndefined();
    expect(notebook.printed()).toBe("out\n");
    expect(notebook.printed("stderr")).toBe("err\n");
  });

  test("output arrives while the command still runs", async () => {
    const texts: string[] = [];
    const notebook = createNotebook({
      onPrint(printed) {
        texts.push(printed);
        notebook.abort();
      },
    });
    await expect(shMagic.run(lineCall("echo first; sleep 60; echo second"), notebook.context)).rejects.toThrow(
      "Interrupted",
    );
    expect(texts).toEqual(["first\n"]);
  });

  test("an assigned result is the output without its last line end", async () => {
    const notebook = createNotebook();
    expect(await shMagic.run(lineCall("printf 'a\\n\\n'", assigned), notebook.context)).toBe("a\n");
    expect(notebook.printed()).toBe("");
  });

  test("a value is one argument, whatever it holds", async () => {
    const evil = "a b'; echo $HOME \"\n*";
    const line = template`printf '[%s]' ${evil} ${["x y", 2]}`;
    expect(await shMagic.run(lineCall(line, assigned), createNotebook().context)).toBe(`[${evil}][x y][2]`);
  });

  test("an exit code other than 0 is an error with what the command said", async () => {
    const command = "echo part; echo no luck >&2; exit 3";
    const kept = shMagic.run(lineCall(command, assigned), createNotebook().context);
    const message = `%sh: exit code 3: ${command}`;
    const error = { name: "ShellError", code: 3, stderr: "no luck\n" };
    await expect(kept).rejects.toMatchObject({ ...error, message: `${message}\nno luck` });
    // Where the cell has shown it already, it is not said twice.
    const shown = shMagic.run(lineCall(command), createNotebook().context);
    await expect(shown).rejects.toMatchObject({ ...error, message });
  });

  test("a command killed by a signal says so", async () => {
    await expect(shMagic.run(lineCall("kill -9 $$"), createNotebook().context)).rejects.toThrow("killed by SIGKILL");
  });

  test("a script opens its output by name", async () => {
    const notebook = createNotebook();
    const command = "echo out > /dev/stdout; echo err > /dev/stderr; echo both | tee /dev/stderr";
    await shMagic.run(lineCall(command), notebook.context);
    expect(notebook.printed()).toBe("out\nboth\n");
    expect(notebook.printed("stderr")).toBe("err\nboth\n");
  });

  test("stdin is empty", async () => {
    expect(await shMagic.run(lineCall("cat; echo end", assigned), createNotebook().context)).toBe("end");
  });

  test("an interrupt ends programs that hold on to the output in a group of their own", async () => {
    const notebook = createNotebook({ onPrint: () => notebook.abort() });
    const start = performance.now();
    const script = `node -e "require('child_process').spawn('sleep',['3'],{detached:true,stdio:'inherit'}).unref()" ; echo ready; sleep 60`;
    await expect(shMagic.run(lineCall(script), notebook.context)).rejects.toThrow("Interrupted");
    expect(performance.now() - start).toBeLessThan(2000);
  });

  test("text across chunks keeps its characters", async () => {
    const emoji = "😀".repeat(50_000);
    const result = await shMagic.run(
      lineCall(`head -c ${emoji.length * 2} /dev/zero >/dev/null; node -e "console.log('😀'.repeat(50000))"`, assigned),
      createNotebook().context,
    );
    expect(result).toBe(emoji);
  });

  test("%%sh runs a script as it stands", async () => {
    const script = "NAME=ada\necho ${NAME}\n";
    expect(await shMagic.run(cellCall("", script, assigned), createNotebook().context)).toBe("ada");
    await expect(shMagic.run(cellCall("x", script), createNotebook().context)).rejects.toThrow(
      'nothing to do with "x"',
    );
  });
});

describe("sh`…`", () => {
  afterEach(() => setOutput(() => undefined));

  test("gives stdout, stderr, code, text and lines", async () => {
    const result = await sh`echo a; echo ${"b  c"}; echo e >&2`;
    expect(result).toMatchObject({ stdout: "a\nb  c\n", stderr: "e\n", code: 0 });
    expect([result.text(), result.toString(), result.lines()]).toEqual(["a\nb  c", "a\nb  c", ["a", "b  c"]]);
  });

  test("text and lines of the promise save an await", async () => {
    expect(await sh`echo hi`.text()).toBe("hi");
    expect(await sh`true`.lines()).toEqual([]);
  });

  test("backslashes are the shell's, but a template's own are not", async () => {
    expect(await sh`printf 'a\tb'`.text()).toBe("a\tb");
    expect(await sh`X=1; echo \${X} \`echo 2\``.text()).toBe("1 2");
  });

  test("rejects if the exit code is not 0", async () => {
    await expect(sh`exit 4`).rejects.toMatchObject({ name: "ShellError", code: 4 });
    await expect(sh`exit 4`.text()).rejects.toMatchObject({ code: 4 });
  });

  test("a command that prints more than fits into a value is ended", async () => {
    const file = join(mkdtempSync(join(tmpdir(), "typhoon-sh-")), "pid");
    await expect(sh`echo $$ > ${file}; exec yes`).rejects.toMatchObject({
      name: "ShellError",
      message: expect.stringMatching(/^%sh: this has printed more than 256 MB, .*: echo .*yes\nLet it write to a file/),
    });
    const pid = Number(readFileSync(file, "utf8"));
    expect(() => process.kill(pid, 0)).toThrow("ESRCH");
  }, 20_000);

  test("ends with the cell that is interrupted", async () => {
    const notebook = createNotebook();
    setOutput(() => notebook.context.output);
    const running = sh`sleep 60`;
    notebook.abort();
    await expect(running).rejects.toThrow("Interrupted");
  });

  test.each([undefined, null, {}, Object.create(null), () => 1, Symbol("x"), "a\0b", [undefined]])(
    "refuses a value that is no argument (%#)",
    async (value) => {
      await expect(sh`echo ${value}`).rejects.toMatchObject({ name: "UsageError" });
    },
  );
});

describe("quoting for cmd", () => {
  test.each([
    ["plain-1.txt", "plain-1.txt"],
    ["a b & c", '"a b & c"'],
    ["C:\\my data\\", '"C:\\my data\\\\"'],
    ["", '""'],
  ])("%j", (value, quoted) => expect(quoteValue(value, "win32")).toBe(quoted));

  test.each(['say "hi"', "%PATH%", "a\nb"])("%j cannot be written safely", (value) => {
    expect(() => quoteValue(value, "win32")).toThrow("use node:child_process");
  });
});
