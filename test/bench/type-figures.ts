import type { Subject } from "../conformance/kernel.ts";
import { type Notebook, openNotebook } from "./type-client.ts";

/** What one kernel took in one round, in milliseconds and megabytes; what it does not do is missing. */
export type Figures = Map<string, number>;

const cells = 200;
const edits = 300;
const few = 20;
const most = 1000;

/** Measures a kernel once, over its sockets: a notebook that grows to 200 cells and uses apache-arrow. */
export async function measure(subject: Subject): Promise<Figures> {
  await using notebook = await openNotebook(subject);
  return await measureNotebook(notebook);
}

async function measureNotebook(notebook: Notebook): Promise<Figures> {
  const figures: Figures = new Map();
  const note = (what: string, taken: readonly number[], part = 0.5): void => {
    const known = taken.filter((time) => !Number.isNaN(time)).toSorted((a, b) => a - b);
    // Only where each question was answered: an answer without the member that it asks for is none.
    if (known.length > 0 && known.length === taken.length) figures.set(what, known[Math.floor(known.length * part)]!);
  };

  async function measureCell(cell: number): Promise<void> {
    const member = await times(edits, (i) => notebook.complete(`const q = ${i}; table.num`, "numCols"));
    note(`completion, cell ${cell} edited: median`, member);
    note(`completion, cell ${cell} edited: p95`, member, 0.95);
    note(
      `completion of a call's result, cell ${cell} edited: median`,
      await times(edits, (i) => notebook.complete(`table.slice(${i}).num`, "numCols")),
    );
    note(`Shift+Tab, cell ${cell} edited: median`, await times(few, (i) => notebook.inspect(`const q = ${i}; table`)));
    const checks = await times(few, (i) => notebook.check(longCell(i)));
    note(`type error of 50 lines, cell ${cell} edited: median`, checks);
    note(`type error of 50 lines, cell ${cell} edited: p95`, checks, 0.95);
  }

  await notebook.run("1");
  // Until the types are read, the live values may answer alone: what they cannot know is asked until it is known.
  const start = performance.now();
  note("first completion after the first reply", [await notebook.complete("process.ver", "version")]);
  let isKnown = false;
  for (let tries = 0; tries < most && !isKnown; tries += 1) {
    isKnown = !Number.isNaN(await notebook.complete("const o = { deepName: 1 }; o.dee", "deepName"));
  }
  note("first completion by types after the first reply", [isKnown ? performance.now() - start : Number.NaN]);
  await notebook.run(
    `import { tableFromArrays } from "apache-arrow"; const table = tableFromArrays({ a: [1, 2, 3] });`,
  );
  note("first completion after the import of apache-arrow", [await notebook.complete("table.num", "numCols")]);
  await measureCell(1);
  const firsts: number[] = [];
  const firstChecks: number[] = [];
  for (let cell = 2; cell <= cells; cell += 1) {
    await notebook.run(
      `const v${cell} = { n: ${cell} }; function f${cell}(x: number) { return x + v${cell}.n + ${cell} }`,
    );
    // The cell after this one, at once: nobody types as fast.
    if (cell % 2 === 0) firsts.push(await notebook.complete(`f${cell}(v${cell}.n); table.num`, "numCols"));
    else firstChecks.push(await notebook.check(longCell(cell)));
  }
  for (const [what, all] of [
    ["completion", firsts],
    ["type error of 50 lines", firstChecks],
  ] as const) {
    note(`first ${what} in a new cell, cells 2 to 41: median`, all.slice(0, few));
    note(`first ${what} in a new cell, cells 161 to 200: median`, all.slice(-few));
  }
  await measureCell(cells);
  await measureOther(notebook, note);
  figures.set("answers that were lost", notebook.lost());
  const server = notebook.memory("--lsp");
  if (server > 0) figures.set("memory of the language server (MB)", server);
  figures.set("memory of all its processes (MB)", notebook.memory(""));
  return figures;
}

/** How long another client waits for kernel_info, alone and while this one asks without a pause. */
async function measureOther(
  notebook: Notebook,
  note: (what: string, taken: readonly number[], part?: number) => void,
): Promise<void> {
  const other = await notebook.connect();
  await times(few, other.ask);
  note("kernel_info of another client, alone: median", await times(edits, other.ask));
  const done = new AbortController();
  const busy = (async () => {
    for (let i = 0; !done.signal.aborted; i += 1) {
      await notebook.run(`const w${i} = ${i};`);
      await notebook.complete(`const q = ${i}; table.num`, "numCols");
    }
  })();
  busy.catch(() => {}); // told below, when the kernel is ended as well
  const meanwhile = await times(edits, other.ask);
  done.abort();
  await busy;
  note("kernel_info of another client, meanwhile: median", meanwhile);
  note("kernel_info of another client, meanwhile: p95", meanwhile, 0.95);
  other.close();
}

/** 50 lines with a type error in the last. */
function longCell(n: number): string {
  const lines = Array.from({ length: 48 }, (_, i) => `const row${i} = table.get(${i})?.a ?? ${i};`);
  return [`// ${n}`, ...lines, "const wrong: string = table.numRows;"].join("\n");
}

async function times(count: number, work: (i: number) => Promise<number>): Promise<number[]> {
  const all: number[] = [];
  for (let i = 0; i < count; i += 1) {
    all.push(await work(i));
    if (i === 0 && Number.isNaN(all[0])) break; // it does not do this
  }
  return all;
}
