import { connect } from "node:net";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { listenToInherited } from "../../kernel/session/inherited-output.ts";

beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] }));
afterEach(() => void vi.useRealTimers());

test("a connection that comes too late for what waited for it is read all the same", async () => {
  const inherited = listenToInherited((socket, take) => socket.on("data", take));
  const text = new Promise<string>((take) => inherited.begin(1, take));
  const begun = inherited.begun([1]);
  vi.advanceTimersByTime(5_000);
  await begun;
  const { path, token } = inherited.place!;
  const socket = connect({ path });
  socket.write(`${token} 1\nlate`);
  expect(await text).toBe("late");
  socket.destroy();
  inherited.close();
});
