import { type Comm, comm } from "../comm.ts";
import { type Encoded, joinState } from "./wire.ts";

/** Gives a model's whole state, layout and names of model and view included. */
export type EncodeModel = () => Encoded<Record<string, unknown>>;

const models = new Map<string, EncodeModel>();
let listening = false;

/** Keeps a model until it is closed, so that a page that is opened again finds it. */
export function registerModel(id: string, encodeModel: EncodeModel): void {
  models.set(id, encodeModel);
  if (listening || !comm.available) return;
  listening = true;
  comm.registerTarget("jupyter.widget.control", (control) => {
    control.onMessage(({ data }) => {
      if (data["method"] === "request_states") sendStates(control);
    });
  });
}

/** Forgets a model that was closed. */
export function forgetModel(id: string): void {
  models.delete(id);
}

/** Answers `request_states`: all models in one message, with their bytes (Jupyter widgets, control protocol 1.0). */
function sendStates(control: Comm): void {
  const states = Array.from(models, ([id, encodeModel]) => [id, describe(encodeModel())] as const);
  const { json, paths, buffers } = joinState(states);
  control.send({ method: "update_states", states: json, buffer_paths: paths }, { buffers });
}

function describe({ json, paths, buffers }: Encoded<Record<string, unknown>>): Encoded {
  return {
    json: {
      model_name: json["_model_name"],
      model_module: json["_model_module"],
      model_module_version: json["_model_module_version"],
      state: json,
    },
    paths: paths.map((path) => ["state", ...path]),
    buffers,
  };
}
