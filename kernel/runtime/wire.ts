import fs from "node:fs";
import type { StreamName } from "../protocol/contents.ts";
import { type FromRuntime, descriptors, encodeFrame, encodeStreamFrame } from "./link.ts";

// Before anybody replaces it.
const { writeSync } = fs;

/** Sends a message to the kernel process and returns when it is in the pipe, so that nothing is lost in a crash. */
export function send(message: FromRuntime): void {
  writeWhole(descriptors.out, encodeFrame(message));
}

// A long text goes in pieces, so that this process, the kernel process and the front end work on it at the same time.
const maxPiece = 1 << 19;

function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd8_00 && unit <= 0xdb_ff;
}

let own: { readonly stdout: number; readonly stderr: number } | undefined;

/** In a worker: text goes to these descriptors, which the kernel process reads for the worker's cell. */
export function sendStreamsTo(given: { readonly stdout: number; readonly stderr: number }): void {
  own = given;
}

function sendPiece(cell: string | undefined, name: StreamName, text: string): void {
  if (own) writeWhole(own[name], Buffer.from(text));
  else writeWhole(descriptors.out, encodeStreamFrame(cell, name, text));
}

/** Sends text of a cell's stream. */
export function sendStream(cell: string | undefined, name: StreamName, text: string): void {
  if (text.length <= maxPiece) {
    sendPiece(cell, name, text);
    return;
  }
  for (let at = 0; at < text.length;) {
    let end = Math.min(at + maxPiece, text.length);
    if (isHighSurrogate(text.charCodeAt(end - 1))) end = Math.min(end + 1, text.length);
    sendPiece(cell, name, text.slice(at, end));
    at = end;
  }
}

/** Writes every byte. The kernel process reads all the time; a full pipe makes the producer wait, which bounds memory. */
function writeWhole(fd: number, bytes: Buffer): void {
  for (let at = 0; at < bytes.length;) {
    try {
      at += writeSync(fd, bytes, at);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === "EPIPE") return; // the kernel process is gone, and this one about to end
      if (code !== "EAGAIN") throw error;
      Atomics.wait(pause, 0, 0, 1); // only where the system made the pipe non-blocking
    }
  }
}

const pause = new Int32Array(new SharedArrayBuffer(4));
