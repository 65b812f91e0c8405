import { type Bindings, stem } from "./bindings.ts";

/** A cell as messages speak of it. */
export interface NamedCell {
  /** Such as `In[3]`. */
  readonly name: string | undefined;
  /** What of its names is neither variable nor constant, in words: "a class". */
  readonly forms: ReadonlyMap<string, string>;
}

type Cells = ReadonlyMap<string, NamedCell>;

const assignsConstant = new Set([2588, 2632]);
const anyCell = "another cell";

/** Says which cell made a name that cannot be assigned: in documents, each name of an earlier cell is an import. */
export function explainConstant(code: number, message: string, bindings: Bindings, cells: Cells): string {
  if (!assignsConstant.has(code)) return message;
  const name = /^Cannot assign to '(.+?)'/.exec(message)?.[1] ?? "";
  const binding = bindings.get(name);
  if (binding?.from !== "cell") return message;
  const cell = cells.get(binding.file);
  return `Cannot assign to '${name}' because it is ${cell?.forms.get(name) ?? "a constant"} of ${cell?.name ?? anyCell}.`;
}

// A type of an earlier cell, or one of the cell itself, where it stands alone.
const alone =
  /(?<=type )'(?:(?:__nb_cells\.|import\("[^"]*\/__nb_)(in\d+)(?:"\))?\.)?(?:__nb_)?([\p{ID_Start}$_][\p{ID_Continue}$]*)'/gu;

/** Where several types of one name meet, since cells declared it anew, says of which cells they are. */
export function nameCells(raw: string, cells: Cells): string {
  const places = new Map<string, Set<string>>();
  for (const [, place = "", name = ""] of raw.matchAll(alone)) {
    places.set(name, (places.get(name) ?? new Set()).add(place));
  }
  if (![...places.values()].some(({ size }) => size > 1)) return raw;
  const names = new Map([...cells].map(([file, cell]) => [stem(file), cell.name]));
  return raw.replaceAll(alone, (whole, place: string | undefined, name: string) => {
    if (places.get(name)!.size < 2) return whole;
    return `'${name}' of ${place === undefined ? "this cell" : (names.get(place) ?? anyCell)}`;
  });
}
