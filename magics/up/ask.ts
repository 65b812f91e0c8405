import { setUnavailable } from "../connections/unavailable.ts";
import { MagicError, type MagicContext } from "../magic.ts";
import { currentContext } from "../plain-context.ts";
import { isServerFailure } from "./failure.ts";
import { showStep } from "./progress.ts";
import type { RunningServer } from "./running.ts";
import type { Up, UpOptions } from "./start.ts";
import type { Stopped } from "./stop.ts";
import type { SupervisorLink } from "./supervisor-protocol.ts";

// A program that asks for no server loads none of it.
const registry = (): Promise<typeof import("../connections/registry.ts")> => import("../connections/registry.ts");

// Open while this process wants the servers to run: the system closes them, however the process ends.
const leases = new Map<string, SupervisorLink>();

/** Starts a server on 127.0.0.1 as `%up` does, or joins one that runs; its connection has its name. It ends with this process. */
export async function up(recipe: string, options: UpOptions = {}): Promise<RunningServer> {
  return (await askFor(recipe, options, currentContext())).server;
}

/** Stops a server as `%down` does, whoever asked for it; with `purge` its data is deleted. */
export async function down(name: string, { purge = false }: { readonly purge?: boolean } = {}): Promise<void> {
  await askToStop(name, purge, currentContext());
}

/** Starts a server for a notebook or a program, for as long as that runs. */
export async function askFor(
  recipe: string,
  options: UpOptions,
  { signal, output, folder, settings }: MagicContext,
): Promise<Up> {
  if (!settings.get("up"))
    throw new MagicError(
      "up",
      "servers are not started here (`%config up` is off). `%connect URL --as NAME` names one that runs",
      { name: "ServerError" },
    );
  const { startServer } = await import("./start.ts");
  const say = (line: string): void => output.stream("stderr", `${line}\n`);
  const who = `a notebook in ${folder} (process ${process.pid})`;
  const started = await asMagicError("up", () => startServer(recipe, options, { signal, say, who, step: showStep }));
  const { server, lease } = started;
  const before = leases.get(server.name);
  leases.set(server.name, lease);
  before?.close();
  // The same server again keeps what is open; after a restart it is another, with another port or password.
  if (!before?.isOpen || !started.wasRunning) await (await registry()).addConnection(server.name, server.url(), "%up");
  return started;
}

/**
 * As `askFor`, for a server that a notebook can do without: where it cannot be started, the connection of its name that somebody
 * has written down is used, and where there is none, the cells that need it are skipped. Returns what to say of that.
 */
export async function askForOptional(recipe: string, options: UpOptions, context: MagicContext): Promise<Up | string> {
  const name = options.name ?? recipe;
  try {
    return await askFor(recipe, options, context);
  } catch (error) {
    if (context.signal.aborted || (error as Error).name !== "ServerError") throw error;
    if (await (await registry()).findTarget(name))
      return `${name} is not started here: the connection "${name}" is used`;
    setUnavailable(name, recipe.replace(/-cluster$/, ""));
    const [reason = ""] = (error as Error).message.replace(/^%up: /, "").split("\n");
    return `${name} is not available here, cells that need it are skipped: ${reason}`;
  }
}

/** Stops a server, and forgets the connection that `%up` has made. */
export async function askToStop(name: string, purge: boolean, { signal }: MagicContext): Promise<Stopped> {
  const { stopServer } = await import("./stop.ts");
  if (leases.delete(name)) await (await registry()).removeConnection(name);
  return asMagicError("down", () => stopServer(name, signal, purge));
}

/** Shows a failure that the reader can mend as such. */
export async function asMagicError<T>(magic: string, work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!isServerFailure(error)) throw error;
    throw new MagicError(magic, error.message, { cause: error, name: "ServerError" });
  }
}
