import { resolve } from "node:path";
import { CommandError } from "./command.ts";
import { here, prefixDataDir, sysPrefix, userDataDir } from "./jupyter-paths.ts";

/** The options that say where a kernelspec is, for parseArgs. */
export const locationOptions = {
  user: { type: "boolean" },
  "sys-prefix": { type: "boolean" },
  prefix: { type: "string" },
  name: { type: "string", default: "typhoon" },
} as const;

/** Help text of those options. */
export const locationHelp = `  --user           for you, in every Jupyter of yours (the default)
  --sys-prefix     for the active Python environment (venv, conda), or else the Python on PATH
  --prefix DIR     for the Python environment or prefix DIR
  --name NAME      the kernelspec's name, "typhoon" by default`;

/** Values of the options that say where. */
export interface Location {
  readonly user?: boolean | undefined;
  readonly "sys-prefix"?: boolean | undefined;
  readonly prefix?: string | undefined;
}

/** Returns the Jupyter data folder that the options name. */
export function locate(values: Location): string {
  const chosen = (["user", "sys-prefix", "prefix"] as const).filter((name) => values[name] !== undefined);
  if (chosen.length > 1) {
    throw new CommandError(`${chosen.map((name) => `--${name}`).join(" and ")} name two places: give one of them`);
  }
  const place = here();
  if (values.prefix !== undefined) return prefixDataDir(resolve(values.prefix), place);
  return values["sys-prefix"] ? prefixDataDir(sysPrefix(place.env), place) : userDataDir(place);
}
