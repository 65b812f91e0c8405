import { formatDuration } from "../duration.ts";
import type { Up } from "./start.ts";
import type { Stopped } from "./stop.ts";

/** Says in one line that a server is there: `postgres 18.4 ready on 127.0.0.1:41234 in 1.0 s, connection "postgres"`. */
export function describeUp({ server, seconds, wasRunning }: Up): string {
  const { name, recipe, version, host, ports } = server;
  const where = `${host}:${ports.join(", ")}`;
  const how = wasRunning ? `runs already on ${where}` : `ready on ${where} in ${formatSeconds(seconds)}`;
  return `${recipe} ${version} ${how}, connection "${name}"`;
}

/** Says in one line what came of stopping a server. */
export function describeStopped(name: string, { wasRunning, isPurged }: Stopped): string {
  if (isPurged) return `${name} ${wasRunning ? "stopped, and " : ""}its data deleted`;
  return `${name} ${wasRunning ? "stopped" : "was not running"}; its data is kept, --purge deletes it`;
}

function formatSeconds(seconds: number): string {
  return seconds < 60 ? `${seconds.toFixed(1)} s` : formatDuration(seconds);
}
