import { randomBytes } from "node:crypto";
import { existsSync, readFileSync, truncateSync } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { ServerFailure } from "./failure.ts";
import { isLoopback, listListening } from "./listening.ts";
import { withLock } from "./lock.ts";
import { makeFolder, packagesFolder, serverFolder, socketPath } from "./places.ts";
import { choosePorts, knock, loopback } from "./ports.ts";
import { isRunning } from "./process-identity.ts";
import type { Host, Installed, Recipe, Server } from "./recipe.ts";
import { loadRecipe } from "./recipes.ts";
import { type RunningServer, toRunning } from "./running.ts";
import { startSupervisor } from "./spawn-supervisor.ts";
import { type Run, type RunningInfo, readKept, readRun, writeKept } from "./state.ts";
import { endRun, lockFile, removeServer } from "./stop.ts";
import { type SupervisorLink, connectSupervisor } from "./supervisor-protocol.ts";
import { makeCertificates } from "./tls.ts";
import { findUser, giveTo } from "./unprivileged.ts";

/** How a server is to be started. */
export interface UpOptions {
  /** The name of this server and of its connection; the recipe's by default. */
  readonly name?: string | undefined;
  readonly port?: number | undefined;
  /** Begins with empty data. */
  readonly fresh?: boolean;
  /** Its clients are to use TLS. */
  readonly tls?: boolean;
}

/** The one who asks for a server. */
export interface Asker extends Omit<Host, "packages"> {
  /** Says in `ps` who wants it to run. */
  readonly who: string;
}

/** A server that runs. */
export interface Up {
  readonly server: RunningServer;
  /** It runs for as long as this is open, unless somebody else wants it too. */
  readonly lease: SupervisorLink;
  readonly seconds: number;
  /** It was there already. */
  readonly wasRunning: boolean;
}

/** Starts a server, or joins one of that name that runs. */
export async function startServer(recipeName: string, options: UpOptions, asker: Asker): Promise<Up> {
  const begun = performance.now();
  const recipe = await loadRecipe(recipeName);
  const name = options.name ?? recipe.name;
  if (!/^[\w-]{1,40}$/.test(name))
    throw new ServerFailure(`"${name}" cannot be a server's name: use letters, digits, "-" and "_"`);
  if (options.tls && !recipe.hasTls) throw new ServerFailure(`${recipe.title} has no --tls here: leave it out`);
  const inform = (): void => asker.say(`${name}: waiting for another process that starts it`);
  return withLock(
    lockFile(name),
    asker.signal,
    async () => {
      const joined = await joinRunning(recipe, name, options, asker);
      const up = joined ?? (await launch(recipe, name, options, asker));
      return { ...up, wasRunning: joined !== undefined, seconds: (performance.now() - begun) / 1000 };
    },
    inform,
  );
}

type Joined = Pick<Up, "server" | "lease">;

/** Joins a server that runs; ends what is left of one that does not answer. */
async function joinRunning(
  recipe: Recipe,
  name: string,
  { port, fresh, tls }: UpOptions,
  { who, signal }: Asker,
): Promise<Joined | undefined> {
  const folder = serverFolder(name);
  const run = readRun(folder);
  if (!run) return undefined;
  const lease = await leaseOf(run, who);
  if (!lease) {
    await endRun(folder, signal);
    return undefined;
  }
  const { info } = run;
  const other = [
    info.recipe === recipe.name ? undefined : `as a server of ${info.title}`,
    port === undefined || port === info.ports[0] ? undefined : `on port ${info.ports[0]}`,
    fresh ? "with its data" : undefined,
    tls && info.ca === undefined ? "without TLS" : undefined,
  ].find((how) => how !== undefined);
  if (other === undefined) return { server: toRunning(run), lease };
  lease.close();
  throw new ServerFailure(
    `${name} runs already, ${other}: stop it (\`down ${name}\`), or start another one beside it (\`--name OTHER\`)`,
  );
}

async function leaseOf({ supervisor, socket, info }: Run, who: string): Promise<SupervisorLink | undefined> {
  if (!info.isReady || !isRunning(supervisor)) return undefined;
  try {
    const link = await connectSupervisor(socket);
    await link.ask({ type: "lease", who });
    return link;
  } catch {
    return undefined; // it is stopping, or does not answer
  }
}

async function launch(recipe: Recipe, name: string, options: UpOptions, asker: Asker): Promise<Joined> {
  const { signal, who } = asker;
  const host: Host = { ...asker, packages: packagesFolder() };
  const installed = await recipe.install(host);
  const server = await prepare(recipe, name, options, installed, host);
  const { folder } = server;
  let lease: SupervisorLink | undefined;
  try {
    const processes = await recipe.start(server, host);
    const info = describe(recipe, server);
    const log = join(folder, "log");
    if (existsSync(log)) truncateSync(log);
    lease = await startSupervisor({ socket: socketPath(folder), folder, info, processes }, who, signal);
    await untilReady(recipe, server, lease, signal);
    const others = server.isNew ? await recipe.complete?.(server, signal) : undefined;
    if (others) {
      await lease.ask({ type: "restart", processes: others });
      await untilReady(recipe, server, lease, signal);
    }
    signal.throwIfAborted();
    writeKept(folder, { ...readKept(folder)!, isComplete: true });
    await lease.ask({ type: "ready", info: { ...info, isReady: true } });
    const run = readRun(folder)!;
    refuseOutside(run);
    return { server: toRunning(run), lease };
  } catch (error) {
    const message = lease && !signal.aborted ? withLog(error, folder) : error;
    lease?.close();
    // Also where the cell was interrupted this is waited for: nothing is to stay behind.
    await endRun(folder, new AbortController().signal);
    if (server.isNew) await removeServer(name);
    throw message;
  }
}

/** Makes the server's folder, and decides its ports and its password. */
async function prepare(
  recipe: Recipe,
  name: string,
  { port, fresh, tls }: UpOptions,
  installed: Installed,
  { signal }: Host,
): Promise<Server> {
  const folder = serverFolder(name);
  const runAs = recipe.users && (await findUser(recipe.users));
  const before = readKept(folder);
  if (before && before.recipe !== recipe.name) {
    throw new ServerFailure(`${name} is the name of a server of ${before.recipe}: give another one, --name OTHER`);
  }
  if (before?.isComplete && !fresh && before.dataVersion !== installed.dataVersion) {
    throw new ServerFailure(
      `the data of ${name} is of ${recipe.title} ${before.dataVersion}, which ${installed.version} cannot read: begin anew (--fresh), or beside it (--name OTHER)`,
    );
  }
  const kept = fresh || !before?.isComplete ? undefined : before;
  const data = join(folder, "data");
  await makeFolder(folder);
  if (!kept) {
    await rm(data, { recursive: true, force: true });
    await mkdir(data, { mode: 0o700 });
    await giveTo(runAs, data);
  }
  const ports = await choosePorts({ count: recipe.ports ?? 1, offset: recipe.portOffset }, port, before?.ports ?? []);
  const user = recipe.login ?? "typhoon";
  const password = kept?.password ?? randomBytes(18).toString("base64url");
  const { dataVersion } = installed;
  writeKept(folder, { recipe: recipe.name, dataVersion, ports, user, password, isComplete: kept !== undefined });
  const certificates = tls ? await makeCertificates(folder, runAs, signal) : undefined;
  return { name, folder, data, isNew: kept === undefined, ports, user, password, tls: certificates, runAs, installed };
}

function describe(recipe: Recipe, server: Server): RunningInfo {
  const { name, ports, user, password, tls, installed } = server;
  const { name: kind, title } = recipe;
  const url = recipe.url(server);
  const since = Date.now();
  const rest = { version: installed.version, ports, user, password, url, since, isReady: false };
  return { name, recipe: kind, title, ...rest, ...(tls && { ca: tls.ca }) };
}

const pollMs = 20;
const readyMs = 60_000;

/** Asks until the server answers, a program of it ends, or its time is over. */
async function untilReady(recipe: Recipe, server: Server, link: SupervisorLink, signal: AbortSignal): Promise<void> {
  const giveUpAt = performance.now() + (recipe.readyMs ?? readyMs);
  for (;;) {
    signal.throwIfAborted();
    try {
      await Promise.race([Promise.all(server.ports.map(knock)), link.lost]); // clients are slow to see that nobody listens
      await Promise.race([recipe.ready(server, signal), link.lost]);
      return;
    } catch (error) {
      signal.throwIfAborted();
      const reason = link.failure ?? (performance.now() > giveUpAt ? (error as Error) : undefined);
      if (reason) throw new ServerFailure(`${recipe.title} did not start: ${reason.message}`, { cause: error });
    }
    await delay(pollMs, undefined, { signal }); // the server tells nobody that it listens
  }
}

/** Nothing that we start is to be reached from other machines; what the system says of it counts, not what we asked for. */
function refuseOutside({ info, processes }: Run): void {
  const open = listListening(processes.map(({ pid }) => pid))?.filter((socket) => !isLoopback(socket)) ?? [];
  if (open.length === 0) return;
  const places = open.map(({ address, port }) => `${address}:${port}`).join(", ");
  throw new ServerFailure(
    `${info.name} was stopped: it listened on ${places}, which other machines reach, not only on ${loopback}`,
  );
}

const shownLines = 15;

function withLog(error: unknown, folder: string): unknown {
  const text = readFileSync(join(folder, "log"), "utf8").trimEnd();
  if (text === "") return error;
  const lines = text.split("\n").slice(-shownLines).join("\n");
  return new ServerFailure(`${(error as Error).message}\nThe end of its log:\n${lines}`, { cause: error });
}
