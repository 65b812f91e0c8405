import { MagicError } from "../magic.ts";

/** Connections whose server could not be started here, and their system. */
const unavailable = new Map<string, string>();

const errorName = "ServerUnavailable";

/** Notes that a server which may be missing is. */
export function setUnavailable(name: string, system: string): void {
  unavailable.set(name, system);
}

/** Forgets that a connection was missing: there is one of its name now. */
export function setAvailable(name: string): void {
  unavailable.delete(name);
}

/** False where `%up NAME --optional` could not start the server: `if (isAvailable("mysql")) { … }`. */
export function isAvailable(name: string): boolean {
  return !unavailable.has(name);
}

/** True for the name of a missing SQL database. */
export function isSqlMissing(name: string): boolean {
  const system = unavailable.get(name);
  return system !== undefined && system !== "mongo" && system !== "redis";
}

/** Makes the error for the use of a missing connection, which ends a cell quietly; undefined where it is none. */
export function unavailableError(name: string): MagicError | undefined {
  if (isAvailable(name)) return undefined;
  return new MagicError("up", `${name} is not available here: skipped`, { name: errorName });
}

/** As `unavailableError`, for the system's usual connection, where nobody has named one. */
export function unavailableSystem(system: string): MagicError | undefined {
  const found = [...unavailable].find(([, own]) => own === system);
  return found && unavailableError(found[0]);
}

/** Returns the line that a cell shows instead of failing, where the error says that its server is missing. */
export function skippedLine(error: unknown): string | undefined {
  if (Object.prototype.toString.call(error) !== "[object Error]") return undefined;
  const { name, message } = error as Error;
  return name === errorName ? message.replace(/^%up: /, "") : undefined;
}
