import type { CellPlace } from "../runtime/link.ts";

/** Reads what a front end says of a cell in a request's metadata: JupyterLab and VS Code name its id, some its tags. */
export function placeOf({ cellId: id, tags }: Readonly<Record<string, unknown>>): CellPlace {
  return {
    ...(typeof id === "string" && { id }),
    tags: Array.isArray(tags) ? tags.filter((tag) => typeof tag === "string") : [],
  };
}
