import { createInterface } from "node:readline";
import { Subscriber } from "zeromq";

// A subscriber of iopub in its own process, `node subscriber.ts ADDRESS`. What it does comes by lines on its stdin:
// "read MS" reads all, with so many milliseconds for each message, until a cell has printed the line "end of output",
// and prints how many characters of stdout and stderr it got. Without a line it reads nothing.
const [address = ""] = process.argv.slice(2);
const socket = new Subscriber({ linger: 0, receiveHighWaterMark: 1 });
socket.connect(address);
socket.subscribe();
await socket.receive(); // the welcome
process.stdout.write("ready\n");

for await (const line of createInterface({ input: process.stdin })) {
  const pauseMs = Number(line.replace("read ", ""));
  process.stdout.write(`${await countText(pauseMs)}\n`);
}

async function countText(pauseMs: number): Promise<number> {
  let characters = 0;
  for await (const frames of socket) {
    const { text = "" } = JSON.parse(String(frames[6])) as { text?: string };
    characters += text.length;
    if (text.includes("end of output")) break;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, pauseMs);
  }
  return characters;
}
