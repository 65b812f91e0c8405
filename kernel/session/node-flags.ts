/**
 * The flags of Node with which the runtime starts, and what is lost where a later Node or V8 does not know one. Termination
 * by the inspector leaves async hooks' stack unbalanced, which Node would take for a fatal fault. Turboshaft takes a loop's
 * stack check away if the loop in its body is short, and with it every interrupt (V8 13.6). Node's list of loaded modules
 * is among its internals: old versions of edited files are taken off it (runtime/module-cache.ts).
 */
export const nodeFlags: Readonly<Record<string, string>> = {
  "--expose-internals": "old versions of edited files stay in memory",
  "--no-force-async-hooks-checks": "an interrupt may end the runtime",
  "--no-turboshaft-loop-unrolling": "some loops cannot be interrupted",
  "--disable-warning=ExperimentalWarning": "cells show warnings of Node about what Typhoon uses",
};

/** The flag that Node has refused, by what it printed: it names one and exits with `badOption`. */
export function refusedFlag(printed: string): string | undefined {
  return /: bad option: (\S+)/.exec(printed)?.[1];
}

/** Node's exit code where a flag is unknown. */
export const badOption = 9;
