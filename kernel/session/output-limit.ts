import type { StreamName } from "../protocol/contents.ts";
import type { Publication } from "../runtime/link.ts";
import type { Settings } from "../settings.ts";
import { type BoundedOutput, createBoundedOutput } from "./bounded-output.ts";
import { type ClearPace, createClearPace } from "./clear-pace.ts";
import { createUpdatePace } from "./update-pace.ts";

/** What the cells of a kernel put out, on its way to the front ends: no flood of it goes further than here. */
export interface OutputLimits<Owner extends object> {
  stream(owner: Owner | undefined, name: StreamName, text: string): void;
  publish(owner: Owner | undefined, publication: Publication): void;
  /** Publishes all that waits, as the cell is about to ask a question or to be said to have failed. */
  settle(owner: Owner | undefined): void;
  /** Publishes all that waits, as the cell has ended; it may print on. */
  end(owner: Owner | undefined): void;
  /** Undefined while more can be taken, or else what to wait for before more of it is read. */
  room(): Promise<void> | undefined;
  /** Publishes nothing more by itself. */
  stop(): void;
}

/** Where the output goes that is within the limits. */
export interface OutputEvents<Owner> {
  stream(owner: Owner | undefined, name: StreamName, text: string): void;
  publish(owner: Owner | undefined, publication: Publication): void;
}

type Item =
  | { readonly kind: "stream"; readonly name: StreamName; readonly text: string }
  | { readonly kind: "publication"; readonly publication: Publication; readonly bytes: number };

interface Cell {
  readonly output: BoundedOutput;
  readonly clears: ClearPace<Item>;
}

// Ended cells whose output is still counted together with what their timers put out. For an older one the count begins
// anew, unless it went over a limit.
const countedEnded = 200;
// Displays that updates may be meant for, when a cell shows so many that not all of them pass.
const knownDisplays = 20_000;

/** Creates the limits of a kernel; the settings `output.…` are read anew each time. */
export function createOutputLimits<Owner extends object>(
  settings: Settings,
  events: OutputEvents<Owner>,
): OutputLimits<Owner> {
  const cells = new WeakMap<object, Cell>();
  const nobody = {};
  const ended = new Set<Owner>();
  const forgotten = new WeakSet<Owner>();
  const known = new Set<string>();
  let stopped = false;
  const updates = createUpdatePace<Owner | undefined>((owner, publication) => {
    if (!stopped) events.publish(owner, publication);
  });

  function cellOf(owner: Owner | undefined): Cell {
    const found = cells.get(owner ?? nobody);
    if (found) return found;
    const output = createBoundedOutput((name) => settings.get(name), {
      stream: (name, text) => events.stream(owner, name, text),
      publish(publication) {
        if (stopped) return;
        const id = displayId(publication);
        if (id !== undefined) know(id);
        events.publish(owner, publication);
      },
    });
    const clears = createClearPace<Item>(
      (wait) => {
        output.clear();
        output.publish({ type: "clear_output", content: { wait } }, 0);
      },
      (item) => {
        if (item.kind === "stream") output.stream(item.name, item.text);
        else output.publish(item.publication, item.bytes);
      },
    );
    const cell = { output, clears };
    cells.set(owner ?? nobody, cell);
    if (owner && forgotten.has(owner)) {
      output.end();
      noteEnded(owner);
    }
    return cell;
  }

  /** What is known of a cell is some 3 KB, which a long session would gather. */
  function noteEnded(owner: Owner): void {
    ended.delete(owner);
    ended.add(owner);
    if (ended.size <= countedEnded) return;
    const oldest = ended.values().next().value!;
    ended.delete(oldest);
    const cell = cells.get(oldest);
    if (!cell || cell.output.cut || cell.clears.waits) return;
    cells.delete(oldest);
    forgotten.add(oldest);
  }

  function know(id: string): void {
    known.delete(id);
    known.add(id);
    if (known.size > knownDisplays) known.delete(known.values().next().value!);
  }

  function update(owner: Owner | undefined, cell: Cell, publication: Publication): void {
    const id = displayId(publication);
    if (id === undefined) {
      events.publish(owner, publication);
      return;
    }
    const renew = (shown: Publication): Publication | undefined =>
      displayId(shown) === id ? { ...publication, type: "display_data" } : undefined;
    const renewItem = (item: Item): Item | undefined => {
      const changed = item.kind === "publication" ? renew(item.publication) : undefined;
      return changed && { kind: "publication", publication: changed, bytes: sizeOf(changed) };
    };
    if (cell.clears.replace(renewItem) || cell.output.replace(renew)) return;
    // Its display was left out.
    if (cell.output.displaysOver && !known.has(id)) return;
    updates.add(owner, id, publication, sizeOf(publication));
  }

  return {
    stream: (owner, name, text) => cellOf(owner).clears.add({ kind: "stream", name, text }, text.length),
    publish(owner, publication) {
      const cell = cellOf(owner);
      if (publication.type === "update_display_data") update(owner, cell, publication);
      else if (publication.type === "clear_output") cell.clears.clear(Boolean(publication.content["wait"]));
      else if (publication.type.startsWith("comm_")) events.publish(owner, publication);
      else {
        const id = displayId(publication);
        if (id !== undefined) updates.drop(id);
        const bytes = sizeOf(publication);
        cell.clears.add({ kind: "publication", publication, bytes }, bytes);
      }
    },
    settle(owner) {
      const cell = cellOf(owner);
      cell.clears.release();
      cell.output.showTail();
      updates.flush(owner);
    },
    end(owner) {
      const cell = cellOf(owner);
      cell.clears.release();
      cell.output.end();
      updates.flush(owner);
      if (owner) noteEnded(owner);
    },
    room: updates.room,
    stop() {
      stopped = true;
    },
  };
}

function displayId({ content }: Publication): string | undefined {
  const id = (content["transient"] as { readonly display_id?: unknown } | undefined)?.display_id;
  return typeof id === "string" ? id : undefined;
}

/** About how many bytes a publication takes, without making its JSON. */
function sizeOf({ content, buffers = [] }: Publication): number {
  return sizeOfValue(content) + buffers.reduce((sum, { byteLength }) => sum + byteLength, 0);
}

function sizeOfValue(value: unknown): number {
  if (typeof value === "string") return value.length;
  if (typeof value !== "object" || value === null) return 8;
  if (ArrayBuffer.isView(value)) return value.byteLength;
  let sum = 2;
  for (const key in value) sum += key.length + sizeOfValue((value as Record<string, unknown>)[key]);
  return sum;
}
