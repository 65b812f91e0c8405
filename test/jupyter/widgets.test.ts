import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type TestKernel, startTestKernel } from "../kernel/harness.ts";
import { runProgram, writeNotebook } from "./programs.ts";
import { venvProgram } from "./server.ts";

// What ipywidgets and anywidget send from Python is the measure: both sides make the same controls here.

type State = Record<string, unknown>;

/** Controls: as Python makes them, and as a cell does. */
const same = {
  "IntSlider(value=3, min=0, max=10, description='n')": `slider({ value: 3, min: 0, max: 10, description: "n" })`,
  "IntSlider()": "slider()",
  "FloatSlider(value=0.5, min=0, max=1, step=0.1)": "slider({ value: 0.5, min: 0, max: 1 })",
  "IntRangeSlider(value=(2, 5), min=0, max=10)": "slider({ value: [2, 5], min: 0, max: 10 })",
  "FloatRangeSlider(value=(0.25, 1), min=0, max=1, step=0.05, readout=False)":
    "slider({ value: [0.25, 1], min: 0, max: 1, step: 0.05, readout: false })",
  "Button(description='go', button_style='info', icon='check', tooltip='now')": `button("go", undefined, { buttonStyle: "info", icon: "check", tooltip: "now" })`,
  "Dropdown(options=['a', 'b'], value='b', disabled=True)": `select(["a", "b"], { value: "b", disabled: true })`,
  "Dropdown(options=[('one', 1), ('two', 2)])": "select({ one: 1, two: 2 })",
  "Text(placeholder='name', continuous_update=False)": `text({ placeholder: "name", continuousUpdate: false })`,
  "Checkbox(value=True, indent=False)": "checkbox({ value: true, indent: false })",
  "Text(layout=Layout(width='50%', grid_gap='1px'), style=dict(text_color='red'))": `text({ layout: { width: "50%", gridGap: "1px" }, style: { textColor: "red" } })`,
  "VBox([Checkbox()], box_style='info')": `vbox([checkbox()], { boxStyle: "info" })`,
  "HBox([])": "hbox([])",
  "Counter()": `widget({ esm: "export default {}", css: ".a {}", state: { count: 3, data: new Uint8Array([97, 98]) } })`,
} as const;

/** Prints the state of each model that Python opens for each expression. */
const python = `
import json, sys, comm
from comm.base_comm import BaseComm
opened = []
class Recorded(BaseComm):
    def publish_msg(self, msg_type, data=None, metadata=None, buffers=None, **keys):
        opened.append({"data": data, "metadata": metadata, "target": keys.get("target_name"), "id": self.comm_id})
comm.create_comm = lambda **keys: Recorded(**keys)
import ipywidgets, anywidget, traitlets
kept = []
class Counter(anywidget.AnyWidget):
    _esm = "export default {}"
    _css = ".a {}"
    count = traitlets.Int(3).tag(sync=True)
    data = traitlets.Bytes(b"ab").tag(sync=True)
def run(expression):
    opened.clear()
    kept.append(eval(expression, {**vars(ipywidgets), "Counter": Counter}))
    return list(opened)
print(json.dumps({expression: run(expression) for expression in json.load(sys.stdin)}))
`;

interface Opened {
  readonly id: string;
  readonly target: string;
  readonly data: { readonly state: State; readonly buffer_paths: unknown };
  readonly metadata: State;
}

/** Replaces ids by the order of their models, which is the same on both sides. */
function anonymous(opened: readonly Opened[]): unknown {
  const ids = opened.map(({ id }) => id);
  const text = JSON.stringify(opened.map(({ data, metadata, target }) => ({ data: sorted(data), metadata, target })));
  return JSON.parse(ids.reduce((all, id, at) => all.replaceAll(id, `model ${at}`), text));
}

/** What each side may choose for itself: which versions of anywidget will do, and the name of the style element. */
const own = ["_anywidget_id", "_model_module_version", "_view_module_version"];

function sorted({ state, ...rest }: Opened["data"]): object {
  const entries = Object.entries(state)
    .filter(([name]) => state["_model_module"] !== "anywidget" || !own.includes(name))
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
  return { ...rest, state: Object.fromEntries(entries) };
}

let kernel: TestKernel;
beforeAll(async () => {
  kernel = await startTestKernel();
  await kernel.run(`import { button, checkbox, hbox, select, slider, text, vbox, widget } from "typhoon-kernel"`);
});
afterAll(() => kernel.shutdown());

describe("a control", () => {
  test("opens the same models as in Python", async () => {
    const answer = execFileSync(venvProgram("python"), ["-c", python], {
      input: JSON.stringify(Object.keys(same)),
      encoding: "utf8",
    });
    const wanted = JSON.parse(answer) as Record<string, readonly Opened[]>;
    for (const [theirs, ours] of Object.entries(same)) {
      const { published } = await kernel.run(ours);
      const opened = published
        .filter(({ header }) => header.msg_type === "comm_open")
        .map(({ content, metadata }) => ({
          id: String(content["comm_id"]),
          target: String(content["target_name"]),
          data: content["data"] as Opened["data"],
          metadata: metadata as State,
        }));
      expect(opened.length).toBeGreaterThan(1);
      expect({ theirs, opened: anonymous(opened) }).toEqual({ theirs, opened: anonymous(wanted[theirs]!) });
    }
  });
});

describe("a notebook that was run without a page", () => {
  const folder = mkdtempSync(join(tmpdir(), "typhoon-widgets-"));
  afterAll(() => rmSync(folder, { recursive: true }));

  test("keeps the state of its widgets, and words for those who cannot draw them", async () => {
    const file = writeNotebook(folder, "widgets.ipynb", [
      `import { interact, slider, widget } from "typhoon-kernel";
const n = slider({ min: 0, max: 10, description: "n" });
n.value = 4;
n`,
      `const bytes = widget({ esm: "export default { render() {} }", state: { data: new Uint8Array([1, 2, 3]), n: 1 } });
bytes.state.data = Uint8Array.of(4, 5);
bytes`,
      `interact(async ({ word }) => { await new Promise((done) => setTimeout(done, 30)); console.log(word); return 6 * 7 }, { word: "hello" });`,
    ]);
    const run = ["jupyter", "nbconvert", "--to", "notebook", "--execute", "--inplace", file];
    const { stderr } = await runProgram(folder, run, { env: { TYPHOON_PLAIN: "1" } });
    expect(stderr).toContain("Writing");
    const saved = JSON.parse(readFileSync(file, "utf8")) as Saved;
    const { state } = saved.metadata.widgets["application/vnd.jupyter.widget-state+json"];
    const view = (index: number): Record<string, unknown> => saved.cells[index]!.outputs[0]!.data;
    const stateOf = (index: number): Model => {
      const { model_id } = view(index)["application/vnd.jupyter.widget-view+json"] as { model_id: string };
      return state[model_id]!;
    };
    expect(stateOf(0)).toMatchObject({ model_name: "IntSliderModel", state: { value: 4 } });
    expect(view(0)["text/plain"]).toEqual(["IntSlider n = 4 (0 to 10)"]);
    expect(stateOf(1)).toMatchObject({
      model_module: "anywidget",
      state: { n: 1 },
      buffers: [{ data: "BAU=", encoding: "base64", path: ["data"] }],
    });
    const [, area] = (stateOf(2).state["children"] as string[]).map((id) => state[id.replace("IPY_MODEL_", "")]!);
    expect(area).toMatchObject({
      model_name: "OutputModel",
      state: {
        outputs: [
          { output_type: "stream", name: "stdout", text: "hello\n" },
          { output_type: "display_data", data: { "text/plain": "42" } },
        ],
      },
    });
  });
});

interface Model {
  readonly state: State;
}

interface Saved {
  readonly metadata: {
    readonly widgets: {
      readonly "application/vnd.jupyter.widget-state+json": { readonly state: Record<string, Model> };
    };
  };
  readonly cells: readonly { readonly outputs: readonly { readonly data: Record<string, unknown> }[] }[];
}
