import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync, rmSync, writeSync } from "node:fs";
import { type Socket, createServer } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { identify } from "./process-identity.ts";
import type { ServerProcess } from "./recipe.ts";
import { type Run, type RunningInfo, runFile, writeSecret } from "./state.ts";
import type { Assignment, Question, Told } from "./supervisor-protocol.ts";

// The program that stays with one server: it starts the server's programs, and ends them as soon as nobody wants them any
// more. Whoever wants them holds a connection open, which the system closes however that process ends.

/** What a program has for ending in good order before it is killed. */
const graceMs = 8_000;

function supervise({ socket: path, folder, info: first, processes: initial }: Assignment): void {
  const leases = new Map<Socket, string>();
  const clients = new Set<Socket>();
  const log = openSync(join(folder, "log"), "a", 0o600);
  let info: RunningInfo = first;
  let keeper: string | undefined;
  let processes = initial;
  let children: { readonly process: ServerProcess; readonly child: ChildProcess }[] = [];
  let ending: Promise<void> | undefined;
  let isRestarting = false;

  const server = createServer((client) => {
    clients.add(client);
    client.on("error", () => {}); // its close follows
    client.once("close", () => {
      clients.delete(client);
      leases.delete(client);
      endUnwanted();
    });
    const lines = createInterface(client);
    lines.on("error", () => {}); // the client's, told again
    lines.on("line", (line) => {
      const question = JSON.parse(line) as Question & { readonly id: number };
      void answer(client, question).then((told) => client.write(`${JSON.stringify(told)}\n`));
    });
  });
  if (process.platform !== "win32") rmSync(path, { force: true }); // of one that was killed: we hold the server's lock
  const mask = process.umask(0o177); // only the owner may connect
  server.listen(path, () => {
    process.umask(mask);
    start();
    process.send?.("listening");
  });
  process.once("disconnect", endUnwanted);
  for (const name of ["SIGTERM", "SIGINT", "SIGHUP"] as const) process.on(name, () => void end());

  async function answer(client: Socket, question: Question & { readonly id: number }): Promise<Told> {
    const { id } = question;
    if (ending && question.type !== "stop") return { to: id, ok: false, reason: "the server is stopping" };
    if (question.type === "lease") leases.set(client, question.who);
    else if (question.type === "keep") keeper = question.who;
    else if (question.type === "ready") {
      info = question.info;
      writeRun();
    } else if (question.type === "restart") await restart(question.processes);
    else if (question.type === "stop") await end();
    return { to: id, ok: true, who: [...(keeper === undefined ? [] : [keeper]), ...leases.values()] };
  }

  function start(): void {
    children = processes.map((one) => ({ process: one, child: startProcess(one) }));
    writeRun();
  }

  function startProcess(one: ServerProcess): ChildProcess {
    const child = spawn(one.command, one.args, {
      cwd: one.cwd ?? folder,
      env: { ...plainEnvironment(), ...one.env },
      stdio: ["ignore", log, log],
      // A group of its own, so that what it starts ends with it.
      detached: process.platform !== "win32",
      windowsHide: true,
      ...(one.user && { uid: one.user.uid, gid: one.user.gid }),
    });
    child.once("error", (error) => gone(one, error.message));
    child.once("exit", (code, signal) => gone(one, signal === null ? `exit code ${code}` : `killed by ${signal}`));
    return child;
  }

  /** A program that ends without being asked takes the others with it: half a server is of no use. */
  function gone({ name }: ServerProcess, how: string): void {
    if (ending || isRestarting) return;
    const told: Told = { ended: `${name} has ended by itself: ${how}` };
    writeSync(log, `typhoon: ${told.ended}\n`);
    for (const client of clients) client.write(`${JSON.stringify(told)}\n`);
    void end();
  }

  function writeRun(): void {
    const run: Run = {
      info,
      socket: path,
      supervisor: identify(process.pid),
      processes: children.flatMap(({ process: { name }, child: { pid } }) =>
        pid === undefined ? [] : [{ name, ...identify(pid) }],
      ),
    };
    writeSecret(runFile(folder), JSON.stringify(run, undefined, 2));
  }

  async function restart(others: readonly ServerProcess[] | undefined): Promise<void> {
    isRestarting = true;
    await stopAll();
    processes = others ?? processes;
    isRestarting = false;
    if (!ending) start();
  }

  /** Stops the programs, the last started first. */
  async function stopAll(): Promise<void> {
    for (const { process: one, child } of children.toReversed()) await stopProcess(child, one.stop ?? "SIGTERM");
  }

  function endUnwanted(): void {
    if (leases.size === 0 && keeper === undefined && !process.connected) void end();
  }

  function end(): Promise<void> {
    ending ??= endAll();
    return ending;
  }

  async function endAll(): Promise<void> {
    await stopAll();
    rmSync(runFile(folder), { force: true });
    closeSync(log);
    server.close();
    // The answer to who asked for this goes out first.
    setImmediate(() => {
      for (const client of clients) client.end();
    });
    if (process.connected) process.disconnect();
  }
}

/** What any program may know; the rest of the environment, where keys and tokens are, is not the server's business. */
function plainEnvironment(): NodeJS.ProcessEnv {
  const plain = /^(PATH|HOME|USER|LOGNAME|SHELL|LANG|LC_\w+|TZ|TMPDIR|TEMP|TMP|SYSTEMROOT|WINDIR|COMSPEC|PATHEXT)$/i;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => plain.test(name)));
}

async function stopProcess(child: ChildProcess, name: NodeJS.Signals): Promise<void> {
  if (child.pid === undefined) return;
  if (child.exitCode === null && child.signalCode === null) {
    const exited = new Promise((done) => child.once("exit", done));
    child.kill(name);
    const timer = setTimeout(() => child.kill("SIGKILL"), graceMs);
    await exited;
    clearTimeout(timer);
  }
  try {
    if (process.platform !== "win32") process.kill(-child.pid, "SIGKILL");
  } catch {
    // nobody of its group is left
  }
}

process.once("message", (assignment) => supervise(assignment as Assignment));
