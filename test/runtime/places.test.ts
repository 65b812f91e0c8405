import { setFlagsFromString } from "node:v8";
import { setImmediate } from "node:timers/promises";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { inOrder } from "../../display/queue.ts";
import { outputOf } from "../../kernel/runtime/cell-output.ts";
import { cellStorage, createRunningHandler, wait } from "../../kernel/runtime/interrupts.ts";
import { createPlaces, interruptCallbacks, publishToCallbacks } from "../../kernel/runtime/places.ts";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

const places = createPlaces({
  interactive: false,
  formatError: (error) => ({ ename: "Error", evalue: String(error), traceback: [] }),
});

/** Resolves when nothing keeps an object any more. */
async function forgotten(object: WeakRef<object>): Promise<boolean> {
  while (object.deref()) {
    await setImmediate();
    collectGarbage();
  }
  return true;
}

/** Calls a callback that has no end of its own; returns the record of that call. */
function begin(callback: () => unknown): WeakRef<object> {
  let record: WeakRef<object> | undefined;
  void places
    .collect(() => {})
    .run(() => {
      record = new WeakRef(cellStorage.getStore()!);
      return callback();
    });
  return record!;
}

test.for([
  ["whose code was terminated", () => new Promise(() => {})],
  ["that does not heed an interrupt", () => heedless()],
] as const)("a callback %s is forgotten after an interrupt", async ([, callback]) => {
  const record = begin(callback);
  await setImmediate();
  interruptCallbacks();
  expect(await forgotten(record)).toBe(true);
});

test("a callback whose display is never made is forgotten", async () => {
  const record = begin(() => {
    inOrder(outputOf(cellStorage.getStore()!, false), new Promise(() => {}), () => {});
  });
  expect(await forgotten(record)).toBe(true);
});

test("a callback of a message that was given up goes on no more, and its error is told once", async () => {
  const caller = createRunningHandler("message");
  const written: unknown[] = [];
  const place = places.collect(({ content }) => written.push(content["evalue"]));
  const later = Promise.withResolvers<void>();
  const went: string[] = [];
  void cellStorage.run(caller, () =>
    place.run(async () => {
      await wait(later.promise);
      went.push("on");
      await wait(Promise.resolve());
      went.push("further");
    }),
  );
  for (let turn = 0; turn < 2; turn += 1) {
    publishToCallbacks(caller, { ename: "Interrupted", evalue: "given up", traceback: [] });
  }
  later.resolve();
  await setImmediate();
  expect(written).toEqual(["given up"]);
  expect(went).toEqual(["on"]);
});

async function heedless(): Promise<void> {
  for (;;) {
    try {
      await wait(new Promise(() => {}));
    } catch {
      // and again
    }
  }
}
