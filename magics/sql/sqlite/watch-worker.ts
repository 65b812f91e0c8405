import { rmSync } from "node:fs";
import { Socket } from "node:net";
import process from "node:process";
import { workerData } from "node:worker_threads";

// A thread of the process that has an SQLite file open, which can hear while SQLite works. Through a pipe it is told which
// call is to stop; the pipe's end says that the process which asks is gone.

const { stopped, folder } = workerData as { stopped: Int32Array<SharedArrayBuffer>; folder: string | undefined };

/** Number of the pipe, in `stdio` of `SqliteProcess`. */
const pipe = 3;

const socket = new Socket({ fd: pipe, readable: true });
socket.on("data", (data) => Atomics.store(stopped, 0, data.readInt32LE(data.length - 4)));
socket.on("close", () => {
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  process.kill(process.pid, "SIGKILL");
});
socket.on("error", () => socket.destroy());
