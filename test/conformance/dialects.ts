/** Cells that do the same in each kernel's language; what is left out, cells of that kernel cannot do. */
export interface Dialect {
  /** Prints a line: text, or the value of an expression. */
  print(text: string): string;
  printValue(expression: string): string;
  printError(text: string): string;
  /** Prints this many numbered lines. */
  printLines(count: number): string;
  assign(name: string, value: number): string;
  /** A cell whose result is 42. */
  readonly result: string;
  readonly raises: string;
  readonly syntaxError: string;
  /** Prints `text` at once, then takes `ms` milliseconds. */
  pause(text: string, ms: number): string;
  /** Prints "now", then never ends: code that runs, or an await. */
  readonly spin: string;
  readonly pending?: string;
  /** Ends at once; prints `text` after `ms` milliseconds, from a task or timer, or from a thread. */
  later(ms: number, text: string): string;
  laterThread?(ms: number, text: string): string;
  /** Asks with the prompt and prints the answer. */
  ask?(prompt: string, password: boolean): string;
  /** Shows HTML and, beside it, text; JSON as data; with metadata. */
  readonly displayHtml?: string;
  readonly displayJson?: string;
  readonly displayMetadata?: string;
  /** Prints "first", shows a display, prints "last". */
  readonly printDisplayPrint?: string;
  /** Shows "one" as a display that can be updated; a later cell updates it to "two". */
  readonly displayUpdatable?: string;
  readonly update?: string;
  clear?(wait: boolean): string;
  /** Registers a comm target that prints "heard" for each message and sends its data back as `{ echo }`, with its buffers. */
  commTarget?(name: string): string;
  /** Opens a comm with data `{ a: 1 }`. */
  commOpen?(target: string): string;
  readonly complete: string;
  readonly incomplete: string;
  readonly invalid: string;
}

const python: Dialect = {
  print: (text) => `print(${JSON.stringify(text)})`,
  printValue: (expression) => `print(${expression})`,
  printError: (text) => `import sys\nprint(${JSON.stringify(text)}, file=sys.stderr)`,
  printLines: (count) => `for i in range(${count}): print("line", i)`,
  assign: (name, value) => `${name} = ${value}`,
  result: "6 * 7",
  raises: `raise ValueError("on purpose")`,
  syntaxError: "a b c",
  pause: (text, ms) =>
    `import time\nprint(${JSON.stringify(text)}, flush=True)\nfor _ in range(${ms / 10}): time.sleep(0.01)`,
  spin: `print("now", flush=True)\nwhile True: pass`,
  pending: `import asyncio\nprint("now", flush=True)\nawait asyncio.Event().wait()`,
  later: (ms, text) =>
    `import asyncio\nasyncio.get_running_loop().call_later(${ms / 1_000}, lambda: print(${JSON.stringify(text)}, flush=True));`,
  laterThread: (ms, text) =>
    `import threading\nthreading.Timer(${ms / 1_000}, lambda: print(${JSON.stringify(text)}, flush=True)).start()`,
  ask: (prompt, password) =>
    password
      ? `import getpass\nprint(getpass.getpass(${JSON.stringify(prompt)}))`
      : `print(input(${JSON.stringify(prompt)}))`,
  displayHtml: `from IPython.display import display\ndisplay({"text/html": "<b>shown</b>", "text/plain": "shown"}, raw=True)`,
  displayJson: `from IPython.display import display\ndisplay({"application/json": {"a": [1]}, "text/plain": "json"}, raw=True)`,
  displayMetadata: `from IPython.display import display\ndisplay({"text/plain": "sized"}, raw=True, metadata={"text/plain": {"width": 3}})`,
  printDisplayPrint: `from IPython.display import display\nprint("first"); display({"text/plain": "shown"}, raw=True); print("last")`,
  displayUpdatable: `from IPython.display import display\nhandle = display({"text/plain": "one"}, raw=True, display_id=True)`,
  update: `handle.update({"text/plain": "two"}, raw=True)`,
  clear: (wait) => `from IPython.display import clear_output\nclear_output(wait=${wait ? "True" : "False"})`,
  commTarget: (name) => `
from comm import get_comm_manager
def opened(comm, message):
    @comm.on_msg
    def heard(message):
        print("heard", flush=True)
        comm.send({"echo": message["content"]["data"]}, buffers=[bytes(b) for b in message["buffers"]])
get_comm_manager().register_target(${JSON.stringify(name)}, opened)`,
  commOpen: (target) =>
    `from comm import create_comm\ncreate_comm(target_name=${JSON.stringify(target)}, data={"a": 1});`,
  complete: "1 + 1",
  incomplete: "for i in range(3):",
  invalid: "a b c",
};

/** What is JavaScript in any kernel. */
const javascript: Omit<Dialect, "pause" | "later"> = {
  print: (text) => `console.log(${JSON.stringify(text)})`,
  printValue: (expression) => `console.log(String(${expression}))`,
  printError: (text) => `console.error(${JSON.stringify(text)})`,
  printLines: (count) => `for (let i = 0; i < ${count}; i++) console.log("line " + i)`,
  assign: (name, value) => `var ${name} = ${value};`,
  result: "6 * 7",
  raises: `throw new TypeError("on purpose")`,
  syntaxError: "a b c",
  spin: `console.log("now"); while (true) {}`,
  complete: "1 + 1",
  incomplete: "function f() {",
  invalid: "a b c",
};

/** JavaScript with await at the top level. */
const asynchronous: Dialect = {
  ...javascript,
  pause: (text, ms) =>
    `console.log(${JSON.stringify(text)}); await new Promise((done) => setTimeout(() => done(0), ${ms}));`,
  pending: `console.log("now"); await new Promise(() => {})`,
  later: (ms, text) => `setTimeout(() => console.log(${JSON.stringify(text)}), ${ms}); 0`,
};

function nodeThread(ms: number, text: string): string {
  return `setTimeout(() => console.log(${JSON.stringify(text)}), ${ms})`;
}

const typhoon: Dialect = {
  ...asynchronous,
  laterThread: (ms, text) =>
    `import { Worker } from "node:worker_threads"; new Worker(${JSON.stringify(nodeThread(ms, text))}, { eval: true }); 0`,
  ask: (prompt, password) => `console.log(await ${password ? "input.password" : "input"}(${JSON.stringify(prompt)}))`,
  displayHtml: `display.raw({ "text/html": "<b>shown</b>", "text/plain": "shown" }); 0`,
  displayJson: `display.json({ a: [1] }); 0`,
  displayMetadata: `display.raw({ "text/plain": "sized" }, { "text/plain": { width: 3 } }); 0`,
  printDisplayPrint: `console.log("first"); display.text("shown"); console.log("last")`,
  displayUpdatable: `const handle = display.text("one"); 0`,
  update: `handle.update("two"); 0`,
  clear: (wait) => `display.clear({ wait: ${wait} })`,
  commTarget: (name) => `
import { comm } from "typhoon-kernel";
comm.registerTarget(${JSON.stringify(name)}, (opened) => {
  opened.onMessage(({ data, buffers }) => {
    console.log("heard");
    opened.send({ echo: data }, { buffers });
  });
}); 0`,
  commOpen: (target) => `import { comm } from "typhoon-kernel"; comm.open(${JSON.stringify(target)}, { a: 1 }); 0`,
};

const raw = (data: string): string => `await Deno.jupyter.display(${data}, { raw: true })`;

const deno: Dialect = {
  ...asynchronous,
  laterThread: (ms, text) =>
    `new Worker(URL.createObjectURL(new Blob([${JSON.stringify(nodeThread(ms, text))}])), { type: "module" }); 0`,
  ask: (prompt, password) => `console.log(prompt(${JSON.stringify(prompt)}, "", { password: ${password} }))`,
  displayHtml: raw(`{ "text/html": "<b>shown</b>", "text/plain": "shown" }`),
  displayJson: raw(`{ "application/json": { a: [1] }, "text/plain": "json" }`),
  displayMetadata: `await Deno.jupyter.broadcast("display_data", { data: { "text/plain": "sized" }, metadata: { "text/plain": { width: 3 } }, transient: {} })`,
  printDisplayPrint: `console.log("first"); ${raw(`{ "text/plain": "shown" }`)}; console.log("last")`,
  displayUpdatable: `await Deno.jupyter.display({ "text/plain": "one" }, { raw: true, display_id: "updatable" })`,
  update: `await Deno.jupyter.display({ "text/plain": "two" }, { raw: true, display_id: "updatable", update: true })`,
  clear: (wait) => `await Deno.jupyter.broadcast("clear_output", { wait: ${wait} })`,
  commOpen: (target) =>
    `await Deno.jupyter.broadcast("comm_open", { comm_id: crypto.randomUUID(), target_name: ${JSON.stringify(target)}, data: { a: 1 } })`,
};

const tslab: Dialect = {
  ...asynchronous,
  laterThread: (ms, text) =>
    `import { Worker } from "worker_threads"; new Worker(${JSON.stringify(nodeThread(ms, text))}, { eval: true }); 0`,
  displayHtml: `import { display } from "tslab"; display.html("<b>shown</b>")`,
  printDisplayPrint: `import { display } from "tslab"; console.log("first"); display.text("shown"); console.log("last")`,
  displayUpdatable: `import { newDisplay } from "tslab"; const handle = newDisplay(); handle.text("one")`,
  update: `handle.text("two")`,
};

const ijavascript: Dialect = {
  ...javascript,
  pause: (text, ms) => `$$.async(); console.log(${JSON.stringify(text)}); setTimeout(() => $$.done(), ${ms});`,
  pending: `$$.async(); console.log("now");`,
  later: (ms, text) => `setTimeout(() => console.log(${JSON.stringify(text)}), ${ms}); 0`,
  laterThread: (ms, text) =>
    `var { Worker } = require("worker_threads"); new Worker(${JSON.stringify(nodeThread(ms, text))}, { eval: true }); 0`,
  ask: (prompt, password) =>
    `$$.input({ prompt: ${JSON.stringify(prompt)}, password: ${password} }, (error, answer) => { console.log(answer); $$.done(); })`,
  displayHtml: `$$.display("html").mime({ "text/html": "<b>shown</b>", "text/plain": "shown" })`,
  displayJson: `$$.display("json").mime({ "application/json": { a: [1] }, "text/plain": "json" })`,
  printDisplayPrint: `console.log("first"); $$.display("between").mime({ "text/plain": "shown" }); console.log("last")`,
  displayUpdatable: `var handle = $$.display("updatable"); handle.text("one")`,
  update: `handle.text("two")`,
  clear: (wait) => `$$.clear({ wait: ${wait} })`,
};

/** The languages of the kernels that are measured. */
export const dialects: Readonly<Record<"python" | "typhoon" | "deno" | "tslab" | "ijavascript", Dialect>> = {
  python,
  typhoon,
  deno,
  tslab,
  ijavascript,
};
