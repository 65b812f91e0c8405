import { PassThrough } from "node:stream";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { Wire } from "../../../../magics/sql/postgres/wire.ts";

/** Writes a message as the server does. */
function message(type: string, content: string): Buffer {
  const bytes = Buffer.alloc(5 + content.length);
  bytes.write(type, 0);
  bytes.writeInt32BE(4 + content.length, 1);
  bytes.write(content, 5, "latin1");
  return bytes;
}

test("messages are the same however the socket cuts them, also when reading stops and goes on", () => {
  const contents = fc.array(fc.string({ unit: "binary-ascii", maxLength: 40 }), { maxLength: 12 });
  const cuts = fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1 });
  fc.assert(
    fc.property(contents, cuts, fc.boolean(), (given, sizes, stops) => {
      const bytes = Buffer.concat(given.map((content) => message("D", content)));
      const taken: string[] = [];
      const socket = new PassThrough();
      const wire = new Wire(socket, {
        message(type, from, start, end) {
          expect(type).toBe("D".charCodeAt(0));
          taken.push(from.toString("latin1", start, end));
          return stops;
        },
        lost() {},
      });
      for (let at = 0, i = 0; at < bytes.length; i++) {
        const size = sizes[i % sizes.length]!;
        socket.emit("data", bytes.subarray(at, at + size));
        at += size;
        // A socket that is paused gives nothing.
        for (let before = -1; before < taken.length;) {
          before = taken.length;
          wire.resume();
        }
      }
      expect(taken).toEqual(given);
    }),
  );
});

test("the end of the connection is told once, with its cause", () => {
  const socket = new PassThrough();
  const lost: (string | undefined)[] = [];
  const wire = new Wire(socket, { message: () => false, lost: (cause) => void lost.push(cause?.message) });
  expect(wire.isOpen).toBe(true);
  socket.emit("error", new Error("reset"));
  socket.emit("close");
  expect(lost).toEqual(["reset"]);
  expect(wire.isOpen).toBe(false);
  expect(wire.send(Buffer.from("x"))).toBe(false);
});

test.each([0, 3, -1, -2_147_483_648, 0x4000_0001, 0x7fff_ffff])(
  "a message of %i bytes, which PostgreSQL never sends, ends the connection",
  (length) => {
    const bad = message("D", "");
    bad.writeInt32BE(length, 1);
    const bytes = Buffer.concat([message("D", "good"), bad, message("D", "never")]);
    for (let cut = 0; cut <= bytes.length; cut++) {
      const socket = new PassThrough();
      const taken: string[] = [];
      const lost: (string | undefined)[] = [];
      const wire = new Wire(socket, {
        message: (_, from, start, end) => taken.push(from.toString("latin1", start, end)) < 0,
        lost: (cause) => void lost.push(cause?.message),
      });
      socket.emit("data", bytes.subarray(0, cut));
      socket.emit("data", bytes.subarray(cut));
      expect([taken, lost]).toEqual([["good"], [expect.stringContaining(`a message of ${length} bytes`)]]);
      expect([wire.isOpen, socket.destroyed]).toEqual([false, true]);
    }
  },
);
