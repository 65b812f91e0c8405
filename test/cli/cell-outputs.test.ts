import { expect, test } from "vitest";
import { createOutputFolder } from "../../kernel/cli/cell-outputs.ts";

function message(
  msg_type: string,
  content: Record<string, unknown>,
): Parameters<ReturnType<typeof createOutputFolder>["take"]>[0] {
  return { header: { msg_type }, content };
}
const print = (text: string, name = "stdout"): ReturnType<typeof message> => message("stream", { name, text });
const show = (text: string, display_id?: string): ReturnType<typeof message> =>
  message("display_data", {
    data: { "text/plain": text },
    metadata: {},
    ...(display_id && { transient: { display_id } }),
  });

test("text of one stream is joined, line by line, and kept apart from the other stream", () => {
  const folder = createOutputFolder();
  const outputs = folder.begin();
  for (const text of ["a\nb", "c\n"]) folder.take(print(text));
  folder.take(print("oops\n", "stderr"));
  expect(outputs).toEqual([
    { output_type: "stream", name: "stdout", text: ["a\n", "bc\n"] },
    { output_type: "stream", name: "stderr", text: ["oops\n"] },
  ]);
});

test("a later cell updates every display of the same id", () => {
  const folder = createOutputFolder();
  const first = folder.begin();
  folder.take(show("0 %", "bar"));
  folder.take(show("0 %", "bar"));
  folder.begin();
  folder.take(
    message("update_display_data", { data: { "text/plain": "done" }, metadata: {}, transient: { display_id: "bar" } }),
  );
  expect(first.map((output) => output["data"])).toEqual([{ "text/plain": ["done"] }, { "text/plain": ["done"] }]);
});

test("clearing is at once, or with the next output", () => {
  const folder = createOutputFolder();
  const outputs = folder.begin();
  folder.take(print("1"));
  folder.take(message("clear_output", { wait: true }));
  expect(outputs).toHaveLength(1);
  folder.take(print("2"));
  expect(outputs).toEqual([{ output_type: "stream", name: "stdout", text: ["2"] }]);
  folder.take(message("clear_output", { wait: false }));
  expect(outputs).toEqual([]);
});

test("results, errors and JSON are kept as nbformat has them", () => {
  const folder = createOutputFolder();
  const outputs = folder.begin();
  folder.take(
    message("execute_result", {
      execution_count: 3,
      data: { "application/json": { a: 1 } },
      metadata: {},
      transient: {},
    }),
  );
  folder.take(message("error", { ename: "E", evalue: "v", traceback: ["t"], execution_count: 3 }));
  expect(outputs).toEqual([
    { output_type: "execute_result", execution_count: 3, data: { "application/json": { a: 1 } }, metadata: {} },
    { output_type: "error", ename: "E", evalue: "v", traceback: ["t"] },
  ]);
});
