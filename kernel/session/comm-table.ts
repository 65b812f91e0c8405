import type { Contents } from "../protocol/contents.ts";
import type { Publication } from "../runtime/link.ts";

/** The kernel process's knowledge of the runtime's comms, which it tells also while a cell spins. */
export interface CommTable {
  has(id: string): boolean;
  /** The front end has opened a comm. */
  add(id: string, target: string): void;
  remove(id: string): void;
  /** Notes what the runtime publishes, where it is about a comm. */
  note(publication: Publication): void;
  /** The runtime takes comms of a target from now on, or no more. */
  setTarget(name: string, known: boolean): void;
  hasTarget(name: string): boolean;
  /** Calls back when the runtime takes comms of a target; returns what takes that back. */
  onTarget(name: string, tell: () => void): () => void;
  /** What `comm_info_reply` says; of one target, where it is given. */
  info(target?: string): Contents["comm_info_reply"]["comms"];
  /** Forgets comms and targets, as their runtime has ended; returns the ids of the comms. */
  clear(): readonly string[];
}

/** Creates an empty table. */
export function createCommTable(): CommTable {
  const comms = new Map<string, string>();
  const targets = new Set<string>();
  const awaited = new Map<string, Set<() => void>>();
  return {
    has: (id) => comms.has(id),
    add: (id, target) => void comms.set(id, target),
    remove: (id) => void comms.delete(id),
    note({ type, content }) {
      if (type === "comm_open") comms.set(String(content["comm_id"]), String(content["target_name"]));
      else if (type === "comm_close") comms.delete(String(content["comm_id"]));
    },
    setTarget(name, known) {
      if (!known) {
        targets.delete(name);
        return;
      }
      targets.add(name);
      for (const tell of awaited.get(name) ?? []) tell();
      awaited.delete(name);
    },
    hasTarget: (name) => targets.has(name),
    onTarget(name, tell) {
      const all = awaited.get(name) ?? new Set();
      awaited.set(name, all.add(tell));
      return () => {
        all.delete(tell);
        if (all.size === 0 && awaited.get(name) === all) awaited.delete(name);
      };
    },
    info: (target) =>
      Object.fromEntries(
        Array.from(comms)
          .filter(([, name]) => target === undefined || name === target)
          .map(([id, name]) => [id, { target_name: name }]),
      ),
    clear() {
      const ids = [...comms.keys()];
      comms.clear();
      targets.clear();
      return ids;
    },
  };
}
