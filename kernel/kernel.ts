import type { ChildProcess } from "node:child_process";
import { homedir } from "node:os";
import { join } from "node:path";
import { magicSyntax, suggest } from "../magics/index.ts";
import { maskUrls } from "../magics/mask-secrets.ts";
import packageJson from "../package.json" with { type: "json" };
import { withoutEscapes } from "./plain.ts";
import { withoutSecrets } from "./secrets/channels.ts";
import { createScrubber } from "./secrets/scrubber.ts";
import { type Channels, bindChannels } from "./protocol/channels.ts";
import { readConnectionFile } from "./protocol/connection-file.ts";
import { type Server, createServer } from "./server.ts";
import { createSession } from "./session/session.ts";
import type { RuntimeOptions } from "./session/spawn-runtime.ts";

/**
 * The kernel process: a connection file in, a kernel running until a front end shuts it down or its parent dies.
 * channels (sockets, signatures) → server (who answers which message) → session (cells, history) → runtime process.
 */
export async function runKernel(
  connectionPath: string,
  runtime: RuntimeOptions,
  firstRuntime: ChildProcess,
): Promise<never> {
  const publish: Parameters<typeof createSession>[0]["publish"] = (type, content, parent, buffers, metadata) =>
    channels?.publish(type, content, parent, metadata, buffers);
  let channels: Channels | undefined;
  let server: Server | undefined;
  const scrubber = createScrubber();
  const scrub = (text: string): string => scrubber.scrub(maskUrls(text));
  const log = (line: string): void => void process.stderr.write(`[typhoon] ${scrub(line)}\n`);
  const session = createSession({
    version: packageJson.version,
    typescript: packageJson.dependencies.typescript,
    runtime,
    firstRuntime,
    folder: process.cwd(),
    magics: { magics: magicSyntax, suggest },
    historyPath: runtime.settings.get("history") || historyPath(process.env),
    publish,
    ask: async (parent, prompt, password) => await server?.ask(parent, prompt, password),
    room: () => channels?.room(),
    secrets: { add: (forms) => scrubber.add(forms), scrub },
    log,
  });
  try {
    channels = await bindChannels(await readConnectionFile(connectionPath), log);
  } catch (error) {
    log(`cannot start: ${error instanceof Error ? error.message : String(error)}`);
    await session[Symbol.asyncDispose]();
    process.exit(1);
  }
  channels = withoutSecrets(channels, scrubber);
  if (runtime.settings.get("plain")) channels = withoutEscapes(channels);
  server = createServer(channels, log);

  const ended = Promise.withResolvers<void>();
  process.on("SIGINT", () => session.interrupt());
  for (const signal of ["SIGTERM", "SIGHUP"] as const) process.on(signal, () => ended.resolve());
  watchParent(() => ended.resolve());
  process.on("uncaughtException", (error) => log(`a fault of the kernel itself: ${error.stack ?? error.message}`));

  await Promise.race([server.serve(session), ended.promise]);
  await session[Symbol.asyncDispose]();
  await channels[Symbol.asyncDispose]();
  process.exit(0);
}

const parentPollMs = 1_000;

/** Calls back when the process that started this one is gone (on POSIX the parent changes then). */
function watchParent(gone: () => void): void {
  if (process.env["JPY_PARENT_PID"] === undefined) return;
  const parent = process.ppid;
  const jupyter = Number(process.env["JPY_PARENT_PID"]);
  // Between Jupyter and the kernel may stand a program that starts it; a container's kernel cannot see Jupyter at all.
  const watched = isAlive(jupyter) ? [parent, jupyter] : [parent];
  const orphan = parent === 1 && jupyter !== 1; // the parent ended before this line
  setInterval(() => {
    if (orphan || process.ppid !== parent || !watched.every(isAlive)) gone();
  }, parentPollMs).unref();
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** The history's usual file, in the place for application data of the system. */
function historyPath(env: NodeJS.ProcessEnv): string {
  const data =
    process.platform === "win32"
      ? (env["APPDATA"] ?? join(homedir(), "AppData", "Roaming"))
      : process.platform === "darwin"
        ? join(homedir(), "Library", "Application Support")
        : (env["XDG_DATA_HOME"] ?? join(homedir(), ".local", "share"));
  return join(data, "typhoon", "history.sqlite");
}
