import { setOutput } from "../../display/output.ts";
import { afterEach, expect, test } from "vitest";
import { capture, type CapturedOutput } from "../../magics/capture.ts";
import { codeCall, createNotebook, type TestNotebook } from "./context.ts";
import { testMagic } from "./contract.ts";

testMagic(capture, {
  wrong: ["--no-such-option", "1x", "a b"],
  long: (ready) =>
    codeCall(() => {
      ready();
      return new Promise(() => {});
    }, "out"),
});

afterEach(() => setOutput(() => undefined));

const bundle = { data: { "text/plain": "x" }, metadata: {} };

function noisy({ context: { output } }: TestNotebook): () => number {
  return () => {
    output.stream("stdout", "out\n");
    output.stream("stderr", "err\n");
    output.display(bundle);
    return 7;
  };
}

test("%%capture keeps output and value in a variable and lets nothing out", async () => {
  const notebook = createNotebook();
  await capture.run(codeCall(noisy(notebook), "cap"), notebook.context);
  expect(notebook.context.names.get("cap")).toMatchObject({
    stdout: "out\n",
    stderr: "err\n",
    outputs: [bundle],
    value: 7,
  });
  expect([notebook.printed(), notebook.printed("stderr"), notebook.shown]).toEqual(["", "", []]);
});

test("show prints and shows it where it is called", async () => {
  const notebook = createNotebook();
  const call = codeCall(noisy(notebook), "", { form: "cell", assigned: true });
  const captured = (await capture.run(call, notebook.context)) as CapturedOutput;
  setOutput(() => notebook.context.output);
  captured.show();
  expect([notebook.printed(), notebook.printed("stderr"), notebook.shown]).toEqual(["out\n", "err\n", [bundle]]);
});

test.each([
  ["--no-stdout", ["out\n", "", []], { stdout: "", stderr: "err\n" }],
  ["--no-stderr", ["", "err\n", []], { stdout: "out\n", stderr: "" }],
  ["--no-display", ["", "", [bundle]], { outputs: [] }],
])("%s lets that kind through", async (flag, outside, kept) => {
  const notebook = createNotebook();
  await capture.run(codeCall(noisy(notebook), `cap ${flag}`), notebook.context);
  expect([notebook.printed(), notebook.printed("stderr"), notebook.shown]).toEqual(outside);
  expect(notebook.context.names.get("cap")).toMatchObject(kept);
});

test("an error in the cell goes on, and the variable is not set", async () => {
  const { context } = createNotebook();
  const failing = capture.run(
    codeCall(() => Promise.reject(new RangeError("odd")), "cap"),
    context,
  );
  await expect(failing).rejects.toThrow(RangeError);
  expect(context.names.has("cap")).toBe(false);
});
