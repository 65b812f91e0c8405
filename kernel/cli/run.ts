import { existsSync } from "node:fs";
import { basename, dirname, extname, resolve } from "node:path";
import { performance } from "node:perf_hooks";
import { parseArgs, styleText } from "node:util";
import type { Contents } from "../protocol/contents.ts";
import { createCellLog } from "./cell-log.ts";
import { type CellOutputs, createOutputFolder } from "./cell-outputs.ts";
import { type Answer, type KernelClient, startKernel } from "./client.ts";
import { type Command, CommandError } from "./command.ts";
import { createKernelspec } from "./kernelspec.ts";
import { type Cell, type Notebook, checkTarget, joinLines, readNotebook, writeNotebook } from "./notebook.ts";

/** `typhoon run` executes a notebook without Jupyter and without Python. */
export const run: Command = {
  name: "run",
  summary: "executes a notebook, without Python",
  help: `Usage: typhoon run FILE.ipynb [--output FILE | --inplace]

Prints what the cells print, and stops at the first cell that fails, with exit code 1.
As in nbconvert, a cell tagged "raises-exception" may fail and one tagged "skip-execution" is left out.

  --output FILE   writes the executed notebook to FILE
  --inplace       writes the outputs into the notebook itself`,
  async run(args) {
    const options = { output: { type: "string" }, inplace: { type: "boolean" } } as const;
    const { values, positionals } = parseArgs({ args, options, allowPositionals: true });
    const [file, another] = positionals;
    if (file === undefined || another !== undefined)
      throw new CommandError("name one notebook: typhoon run FILE.ipynb");
    if (values.inplace && values.output !== undefined) throw new CommandError("give --output or --inplace, not both");
    const notebook = await readNotebook(file);
    const named = values.inplace ? file : values.output;
    const target = named === undefined || extname(named) !== "" ? named : `${named}.ipynb`;
    if (target !== undefined) await checkTarget(target);
    const code = await execute(file, notebook);
    if (target !== undefined) await writeNotebook(target, notebook);
    return code;
  },
};

async function execute(file: string, notebook: Notebook): Promise<number> {
  const { argv, env } = await createKernelspec({});
  if (!existsSync(argv[1] ?? ""))
    throw new CommandError(`${argv[1]} is missing: build the kernel first (npm run build)`);
  const startMs = performance.now();
  const kernel = await startKernel(argv, { cwd: dirname(resolve(file)), env });
  // On a terminal Ctrl+C reaches the kernel process by itself; it stops the cell, and with it the run.
  const interrupt = (): void => {
    if (!process.stdin.isTTY) void kernel.request("interrupt_request", {}, { channel: "control" });
  };
  process.on("SIGINT", interrupt);
  try {
    const failure = await runCells(kernel, notebook);
    const cells = notebook.cells.filter((cell) => cell.cell_type === "code").length;
    const seconds = ((performance.now() - startMs) / 1000).toFixed(1);
    const mark = failure === undefined ? styleText("green", "✓") : styleText("red", "✗");
    console.log(`${mark} ${basename(file)}: ${cells} cells, ${seconds} s, ${failure ?? "ok"}`);
    return failure === undefined ? 0 : 1;
  } finally {
    process.off("SIGINT", interrupt);
    await kernel.shutdown();
  }
}

/** Runs the code cells in order, keeps their outputs in the notebook, and returns what went wrong, if anything did. */
async function runCells(kernel: KernelClient, notebook: Notebook): Promise<string | undefined> {
  const beginOutputs = createOutputFolder();
  // By the msg_id of their requests: a cell may print on after its end.
  const outputs = new Map<string, CellOutputs>();
  const log = createCellLog();
  kernel.onPublished((message) => {
    const cell = outputs.get(message.parent_header.msg_id ?? "");
    if (!cell) return;
    cell.take(message);
    log.take(message);
  });
  for (const [index, cell] of notebook.cells.entries()) {
    const tags = cell.metadata.tags ?? [];
    const code = joinLines(cell.source);
    if (cell.cell_type !== "code" || tags.includes("skip-execution") || code.trim() === "") continue;
    const content = { code, allow_stdin: false, stop_on_error: true, store_history: true };
    const { id, answer } = kernel.send("execute_request", content);
    const begun = beginOutputs();
    outputs.set(id, begun);
    cell.outputs = begun.outputs;
    const reply = await replyOf(answer);
    log.settle();
    if (typeof reply === "string") return `cell ${index + 1}: ${reply}`;
    cell.execution_count = reply.execution_count ?? null;
    if (reply.status === "ok" || tags.includes("raises-exception")) continue;
    return `cell ${index + 1} (In[${reply.execution_count}]) failed${reason(cell)}`;
  }
  return undefined;
}

/** Returns a cell's reply, or why there is none. */
async function replyOf(answer: Promise<Answer<"execute_request">>): Promise<Contents["execute_reply"] | string> {
  try {
    return (await answer).reply;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function reason({ outputs }: Cell): string {
  const error = outputs?.findLast((output) => output["output_type"] === "error");
  return error === undefined ? "" : `: ${String(error["ename"])}: ${String(error["evalue"]).split("\n")[0]}`;
}
