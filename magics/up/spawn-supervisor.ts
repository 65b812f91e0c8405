import { spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { untilAborted } from "../abort.ts";
import { type Assignment, type SupervisorLink, connectSupervisor } from "./supervisor-protocol.ts";

/** Starts the process that stays with a server, and returns the connection that keeps both alive. */
export async function startSupervisor(
  assignment: Assignment,
  who: string,
  signal: AbortSignal,
): Promise<SupervisorLink> {
  const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
  const program = fileURLToPath(new URL(`./supervisor-worker.${extension}`, import.meta.url));
  // What Node is told for this program may not fit that one: `--inspect` would want the same port.
  const { NODE_OPTIONS: _, ...env } = process.env;
  const log = openSync(join(assignment.folder, "log"), "a", 0o600);
  const child = spawn(process.execPath, [program], {
    // A session of its own: neither an interrupt of the cell nor the end of the kernel's process group reaches it.
    detached: true,
    stdio: ["ignore", "ignore", log, "ipc"],
    execArgv: [],
    env,
    windowsHide: true,
  } as Parameters<typeof spawn>[2]);
  closeSync(log);
  child.unref();
  try {
    const listening = new Promise<void>((resolve, reject) => {
      child.once("message", () => resolve());
      child.once("error", reject);
      child.once("exit", (code) => reject(new Error(`the server's supervisor has ended (${code})`)));
    });
    listening.catch(() => {}); // where the signal was first
    child.send(assignment);
    await untilAborted(signal, listening);
    const link = await connectSupervisor(assignment.socket);
    await link.ask({ type: "lease", who });
    return link;
  } finally {
    // Without a lease this makes it end, with all that it has started.
    if (child.connected) child.disconnect();
  }
}
