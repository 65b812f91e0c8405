import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, expect, test } from "vitest";
import { createKernelspec, writeKernelspec } from "../../kernel/cli/kernelspec.ts";
import { runProgram } from "./programs.ts";

const folder = mkdtempSync(join(tmpdir(), "typhoon-curve-"));
afterAll(() => rmSync(folder, { recursive: true }));

test("jupyter_client gives Curve keys because the kernelspec says so, and all it does works with them", async () => {
  const kernelspec = await createKernelspec({ env: { TYPHOON_HISTORY: join(folder, "history.sqlite") } });
  const argv = [process.execPath, resolve("kernel/main.ts"), "{connection_file}"];
  await writeKernelspec(folder, "typhoon-encrypted", { ...kernelspec, argv });
  const script = `
import json, zmq
from jupyter_client.manager import KernelManager
from jupyter_client.blocking.client import BlockingKernelClient
manager = KernelManager(kernel_name="typhoon-encrypted", transport_encryption="required")
manager.start_kernel()
with open(manager.connection_file) as file: print(len(json.load(file)["curve_publickey"]))
client = manager.client()
client.start_channels()
client.wait_for_ready(timeout=20)
def run(code): return client.execute_interactive(code, output_hook=lambda message: None, timeout=20)["content"]
print([run(code)["status"] for code in ["const n = 1", "n + 1"]])
print(client.kernel_info(reply=True, timeout=20)["content"]["status"], client.hb_channel.is_beating())
manager.restart_kernel(now=False)
client.wait_for_ready(timeout=20)
print(run("6 * 7")["execution_count"])

plain = manager.get_connection_info()
del plain["curve_publickey"], plain["curve_secretkey"]
stranger = BlockingKernelClient()
stranger.load_connection_info(plain)
stranger.start_channels(hb=False)
try:
    stranger.kernel_info(reply=True, timeout=2)
    print("a client without keys is answered")
except TimeoutError as error:
    print(error)
stranger.stop_channels()
client.stop_channels()
manager.shutdown_kernel()
`;
  const { stdout, stderr } = await runProgram(folder, ["python", "-c", script], { env: { JUPYTER_PATH: folder } });
  expect((stdout.trim() + stderr).split("\n")).toEqual([
    "40",
    "['ok', 'ok']",
    "ok True",
    "1",
    "Timeout waiting for reply",
  ]);
});
