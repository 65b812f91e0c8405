import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { type Socket, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { connectSupervisor } from "../../../magics/up/supervisor-protocol.ts";

test("a supervisor that ends without having read a question is one that has stopped", async () => {
  const folder = mkdtempSync(join(tmpdir(), "typhoon-test-"));
  const server = createServer({ pauseOnConnect: true }).listen(join(folder, "socket"));
  onTestFinished(() => {
    server.close();
    rmSync(folder, { recursive: true });
  });
  await once(server, "listening");
  const connecting = connectSupervisor(join(folder, "socket"));
  const [peer] = (await once(server, "connection")) as [Socket];
  const link = await connecting;
  const asked = link.ask({ type: "lease", who: "a test" });
  // What was not read makes the end a reset.
  peer.destroy();
  await expect(asked).rejects.toThrow("the server has stopped");
  await link.closed;
  expect(link.isOpen).toBe(false);
});
