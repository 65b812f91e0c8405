import { totalmem } from "node:os";
import { type Kind, count, formatBytes, oneOf, orNone, size, text, toggle } from "./setting-kinds.ts";

/** One setting: how it is written, what it means, and when a change of it applies. */
export interface Setting<T> {
  /** The environment variable that sets it from outside. */
  readonly env: string;
  readonly kind: Kind<T>;
  /** Its value where nobody has set it. */
  initial(): T;
  /** What it means, in one line without a full stop. */
  readonly meaning: string;
  /** What to know of a value that it can have, a sentence without its full stop; undefined where nothing is. */
  remark?(value: T): string | undefined;
  /** `now`: `%config` changes it for the cells from then on; `start`: it is read when the kernel starts. */
  readonly applies: "now" | "start";
}

/** The settings' values. To add a setting: its name and type here, and what is to know of it in the table below. */
export interface SettingValues {
  memory: number;
  plain: boolean;
  history: string;
  /** What is done with the problems that the type checker sees in a cell. */
  typecheck: "off" | "warn" | "block";
  /** Whether `%up` may start servers. */
  up: boolean;
  "output.text": number;
  "output.displays": number;
  "output.data": number;
}

/** A setting's name. */
export type SettingName = keyof SettingValues;

const table: { readonly [N in SettingName]: Setting<SettingValues[N]> } = {
  memory: {
    env: "TYPHOON_MEMORY",
    kind: size({ least: 256 * 2 ** 20 }),
    initial: () => Math.floor(machineMemory() * 0.75),
    meaning: "memory that the runtime process may use; three quarters of the machine's where it is not set",
    remark(value) {
      if (value <= machineMemory()) return undefined;
      return `this machine has ${formatBytes(machineMemory())}: beyond that the system ends the runtime, and its variables are lost`;
    },
    applies: "now",
  },
  plain: {
    env: "TYPHOON_PLAIN",
    kind: toggle,
    initial: () => false,
    meaning: "prints and tracebacks without colours, for logs",
    applies: "start",
  },
  history: {
    env: "TYPHOON_HISTORY",
    kind: text,
    initial: () => "",
    meaning: "file of the history (SQLite); :memory: keeps it for the session only",
    applies: "start",
  },
  typecheck: {
    env: "TYPHOON_TYPECHECK",
    kind: oneOf("off", "warn", "block"),
    initial: () => "warn",
    meaning: "what a cell's type errors do: nothing, a note under the cell, or stop the cell before it runs",
    applies: "now",
  },
  up: {
    env: "TYPHOON_UP",
    kind: toggle,
    initial: () => true,
    meaning:
      "whether `%up` may start servers; where it is off, cells after `%up NAME --optional` use connections or are skipped",
    applies: "now",
  },
  "output.text": {
    env: "TYPHOON_OUTPUT_TEXT",
    kind: orNone(size({ least: 1024 })),
    initial: () => 2 ** 20,
    meaning: "text that one cell may print; what is beyond is left out, but for its end",
    applies: "now",
  },
  "output.displays": {
    env: "TYPHOON_OUTPUT_DISPLAYS",
    kind: orNone(count({ least: 1 })),
    initial: () => 1_000,
    meaning: "displays that one cell may show; of more, the last few",
    applies: "now",
  },
  "output.data": {
    env: "TYPHOON_OUTPUT_DATA",
    kind: orNone(size({ least: 1024 })),
    initial: () => 64 * 2 ** 20,
    meaning: "size of one cell's displays in all; one display may be of any size",
    applies: "now",
  },
};

/** The settings of one process. The kernel process has them, and a runtime a copy that follows `%config`. */
export interface Settings {
  get<N extends SettingName>(name: N): SettingValues[N];
  /** Sets one from text, `default` to what the environment says or it has by itself; throws a `SettingError` that says how it is written. */
  set(name: SettingName, text: string): void;
  /** True where the environment or `%config` has set it. */
  isSet(name: SettingName): boolean;
  /** Calls back with each name that is set from now on. */
  onChange(listener: (name: SettingName, text: string) => void): void;
  /** The settings as environment variables, for a process that is to have the same. */
  toEnv(): Record<string, string>;
  /** What was wrong in the environment, a sentence for each; those settings keep their default. */
  readonly problems: readonly string[];
}

/** A value that a setting cannot have. */
class SettingError extends Error {
  override readonly name = "SettingError";
}

/** Returns the names of all settings. */
export function settingNames(): SettingName[] {
  return Object.keys(table) as SettingName[];
}

/** Returns what is known of a setting. */
export function describeSetting(name: SettingName): Setting<unknown> {
  return table[name];
}

/** Says whether there is a setting of that name. */
export function isSettingName(name: string): name is SettingName {
  return Object.hasOwn(table, name);
}

/** Writes a setting's value as a person would. */
export function formatSetting<N extends SettingName>(name: N, value: SettingValues[N]): string {
  return (table[name].kind as Kind<unknown>).format(value);
}

/** Creates the settings of an environment. */
export function createSettings(env: NodeJS.ProcessEnv): Settings {
  const outside = new Map<SettingName, Written>();
  const listeners: ((name: SettingName, text: string) => void)[] = [];
  const problems: string[] = [];
  for (const name of settingNames()) {
    const written = env[table[name].env];
    if (written === undefined || written === "") continue;
    try {
      outside.set(name, parse(name, written, table[name].env));
    } catch (error) {
      problems.push(`${(error as SettingError).message}. It is left at ${initialText(name)}`);
    }
  }
  const values = new Map(outside);
  return {
    problems,
    get: <N extends SettingName>(name: N) => (values.get(name)?.value ?? table[name].initial()) as SettingValues[N],
    set(name, written) {
      const before = outside.get(name);
      if (written !== "default") values.set(name, parse(name, written, name));
      else if (before) values.set(name, before);
      else values.delete(name);
      for (const listener of listeners) listener(name, written);
    },
    isSet: (name) => values.has(name),
    onChange: (listener) => void listeners.push(listener),
    toEnv: () => Object.fromEntries([...values].map(([name, { text: written }]) => [table[name].env, written])),
  };
}

/** A value, and the text that means it. */
interface Written {
  readonly value: unknown;
  readonly text: string;
}

function parse(name: SettingName, written: string, shownAs: string): Written {
  const { kind } = table[name];
  const value = kind.parse(written.trim());
  if (value === undefined) throw new SettingError(`${shownAs} is ${kind.form}, not "${written}"`);
  return { value, text: written };
}

function initialText(name: SettingName): string {
  return formatSetting(name, table[name].initial()) || "its default";
}

/** Memory of the machine, or of the container where that has less, in bytes. */
export function machineMemory(): number {
  const constrained = process.constrainedMemory();
  // Where nothing is constrained, Linux answers with a huge number, other systems with 0.
  return constrained > 0 && constrained < totalmem() ? constrained : totalmem();
}
