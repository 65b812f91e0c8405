import { expect, test } from "vitest";
import { type CellOutputs, createOutputFolder } from "../../kernel/cli/cell-outputs.ts";

function message(msg_type: string, content: Record<string, unknown>): Parameters<CellOutputs["take"]>[0] {
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
  const cell = createOutputFolder()();
  const { outputs } = cell;
  for (const text of ["a\nb", "c\n"]) cell.take(print(text));
  cell.take(print("oops\n", "stderr"));
  expect(outputs).toEqual([
    { output_type: "stream", name: "stdout", text: ["a\n", "bc\n"] },
    { output_type: "stream", name: "stderr", text: ["oops\n"] },
  ]);
});

test("a later cell updates every display of the same id", () => {
  const begin = createOutputFolder();
  const first = begin();
  first.take(show("0 %", "bar"));
  first.take(show("0 %", "bar"));
  begin().take(
    message("update_display_data", { data: { "text/plain": "done" }, metadata: {}, transient: { display_id: "bar" } }),
  );
  expect(first.outputs.map((output) => output["data"])).toEqual([
    { "text/plain": ["done"] },
    { "text/plain": ["done"] },
  ]);
});

test("what a cell prints after its end is its own", () => {
  const begin = createOutputFolder();
  const [first, second] = [begin(), begin()];
  second.take(print("2"));
  first.take(print("late"));
  expect([first.outputs, second.outputs]).toMatchObject([[{ text: ["late"] }], [{ text: ["2"] }]]);
});

test("clearing is at once, or with the next output", () => {
  const cell = createOutputFolder()();
  const { outputs } = cell;
  cell.take(print("1"));
  cell.take(message("clear_output", { wait: true }));
  expect(outputs).toHaveLength(1);
  cell.take(print("2"));
  expect(outputs).toEqual([{ output_type: "stream", name: "stdout", text: ["2"] }]);
  cell.take(message("clear_output", { wait: false }));
  expect(outputs).toEqual([]);
});

test("results, errors and JSON are kept as nbformat has them", () => {
  const cell = createOutputFolder()();
  const { outputs } = cell;
  cell.take(
    message("execute_result", {
      execution_count: 3,
      data: { "application/json": { a: 1 } },
      metadata: {},
      transient: {},
    }),
  );
  cell.take(message("error", { ename: "E", evalue: "v", traceback: ["t"], execution_count: 3 }));
  expect(outputs).toEqual([
    { output_type: "execute_result", execution_count: 3, data: { "application/json": { a: 1 } }, metadata: {} },
    { output_type: "error", ename: "E", evalue: "v", traceback: ["t"] },
  ]);
});
