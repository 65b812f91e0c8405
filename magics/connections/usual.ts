import { type listTargets, usedNames } from "./registry.ts";
import type { Target } from "./target.ts";

/**
 * Finds the connection that is meant where none is named, among those to one system: the only one; of several the only one that
 * this notebook has named or used, or that a person has written down.
 */
export function usualTarget(all: Awaited<ReturnType<typeof listTargets>>): Target | undefined {
  const used = usedNames();
  const groups = [
    all,
    all.filter(({ target }) => used.includes(target.name)),
    all.filter(({ source }) => source !== "typhoon up"),
  ];
  return groups.find((group) => group.length === 1)?.[0]?.target;
}
