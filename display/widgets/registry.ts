import { type Comm, comm } from "../comm.ts";
import { type Encoded, joinState } from "./wire.ts";

/** What the front end asks of every model at once. */
export interface LiveModel {
  readonly closed: boolean;
  /** The whole state, layout and names of model and view included. */
  encoded(): Encoded<Record<string, unknown>>;
}

const models = new Map<string, LiveModel>();
let listening = false;
let sweepAt = 64;

/** Keeps a model, so that a page that is opened again finds it. */
export function registerModel(id: string, model: LiveModel): void {
  if (models.size >= sweepAt) sweep();
  models.set(id, model);
  if (listening || !comm.available) return;
  listening = true;
  comm.registerTarget("jupyter.widget.control", (control) => {
    control.onMessage(({ data }) => {
      if (data["method"] === "request_states") sendStates(control);
    });
  });
}

/** Forgets the models that were closed together, as `%reset` does: nobody told them. */
function sweep(): void {
  for (const [id, { closed }] of models) if (closed) models.delete(id);
  sweepAt = 2 * models.size + 64;
}

/** Forgets a model that was closed. */
export function forgetModel(id: string): void {
  models.delete(id);
}

/** Answers `request_states`: all models in one message, with their bytes (Jupyter widgets, control protocol 1.0). */
function sendStates(control: Comm): void {
  const states = Array.from(models)
    .filter(([, model]) => !model.closed)
    .map(([id, model]) => [id, describe(model.encoded())] as const);
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
