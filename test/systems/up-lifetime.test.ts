import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, watch } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, afterEach, describe, expect, test } from "vitest";
import { serverFolder, serversFolder } from "../../magics/up/places.ts";
import { findRunning } from "../../magics/up/running.ts";
import { type Run, readKept, readRun, serverNames } from "../../magics/up/state.ts";
import { stopServer } from "../../magics/up/stop.ts";
import { startTestKernel } from "../kernel/harness.ts";
import { gone } from "../kernel/processes.ts";

const never = new AbortController().signal;
const cli = resolve("kernel/cli/typhoon.ts");
const made: string[] = [];
const closing: (() => Promise<unknown>)[] = [];

/** A name for a server of one test, which is deleted after it. */
function newName(): string {
  const name = `test-life-${process.pid}-${made.length}`;
  made.push(name);
  return name;
}

async function kernel(): Promise<Awaited<ReturnType<typeof startTestKernel>>> {
  const started = await startTestKernel();
  closing.push(async () => started[Symbol.asyncDispose]());
  return started;
}

function typhoon(...args: string[]): {
  readonly stdout: string;
  readonly stderr: string;
  readonly status: number | null;
} {
  return spawnSync(process.execPath, [cli, ...args], { encoding: "utf8" });
}

/** The processes of a server and its supervisor. */
function pidsOf({ supervisor, processes }: Run): number[] {
  return [supervisor.pid, ...processes.map(({ pid }) => pid)];
}

afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

afterAll(async () => {
  for (const name of made) if (serverNames().includes(name)) await stopServer(name, never, true);
});

describe("a server of %up ends with the kernel that asked for it,", () => {
  async function started(): Promise<{
    kernel: Awaited<ReturnType<typeof startTestKernel>>;
    run: Run;
  }> {
    const name = newName();
    const asked = await kernel();
    const { stdout, error } = await asked.run(`%up redis --name ${name}`);
    expect(error).toBeUndefined();
    expect(stdout).toMatch(
      new RegExp(`^redis \\S+ ready on 127\\.0\\.0\\.1:\\d+ in \\d+\\.\\d s, connection "${name}"\n$`),
    );
    return { kernel: asked, run: readRun(serverFolder(name))! };
  }

  test("at a shutdown", async () => {
    const { kernel: asked, run } = await started();
    await asked.shutdown();
    await Promise.all(pidsOf(run).map(gone));
    expect(findRunning(run.info.name)).toBeUndefined();
  });

  test("when the kernel is killed", async () => {
    const { kernel: asked, run } = await started();
    asked.process.kill("SIGKILL");
    await Promise.all(pidsOf(run).map(gone));
    expect(findRunning(run.info.name)).toBeUndefined();
  });

  test("when the runtime is killed, and its data is there at the next %up", async () => {
    const { kernel: asked, run } = await started();
    expect((await asked.run('process.kill(process.pid, "SIGKILL")')).error).toMatch(/^RuntimeKilled/);
    await Promise.all(pidsOf(run).map(gone));
    const again = await asked.run(`%up redis --name ${run.info.name}`);
    expect(again.stdout).toContain(`ready on 127.0.0.1:${run.info.ports[0]}`);
  });
});

test("a second kernel uses the server that runs, and it ends with the last of them", async () => {
  const name = newName();
  const [first, second] = [await kernel(), await kernel()];
  await first.run(`%up redis --name ${name}`);
  const run = readRun(serverFolder(name))!;
  expect((await second.run(`%up redis --name ${name}`)).stdout).toBe(
    `redis ${run.info.version} runs already on 127.0.0.1:${run.info.ports[0]}, connection "${name}"\n`,
  );
  const listed = (await second.run("%ps")).displays[0]!["text/plain"];
  const row = String(listed)
    .split("\n")
    .find((line) => line.startsWith(name));
  expect(row).toContain(`a notebook in ${first.folder}`);
  expect(row).toContain(`a notebook in ${second.folder}`);
  await first.shutdown();
  const still = await second.run(`%up redis --name ${name}`);
  expect(still.stdout).toContain("runs already");
  await second.shutdown();
  await Promise.all(pidsOf(run).map(gone));
});

test("two kernels that ask at the same moment get the same server", async () => {
  const name = newName();
  const both = [await kernel(), await kernel()];
  const seen = await Promise.all(both.map((one) => one.run(`%up postgres --name ${name}`)));
  expect(seen.map(({ error }) => error)).toEqual([undefined, undefined]);
  expect(seen.filter(({ stdout }) => stdout.includes("runs already"))).toHaveLength(1);
});

test.runIf(process.platform === "linux")("a server knows nothing of the environment's keys and tokens", async () => {
  const name = newName();
  const started = await startTestKernel({ env: { SHOP_TOKEN: "of-the-notebook-only" } });
  closing.push(async () => started[Symbol.asyncDispose]());
  // Of those that we have, the one that does not write its title over its environment.
  await started.run(`%up mongo --name ${name}`);
  const environment = readFileSync(`/proc/${findRunning(name)!.pids[0]}/environ`, "utf8");
  expect(environment).toContain("PATH=");
  expect(environment).not.toContain("of-the-notebook-only");
});

test.runIf(process.getuid?.() === 0)("root's servers start also where root keeps its files to itself", () => {
  const cache = mkdtempSync(join(tmpdir(), "typhoon-cache-"));
  chmodSync(cache, 0o755);
  const env = { ...process.env, XDG_CACHE_HOME: cache };
  const run = (line: string): string =>
    spawnSync("sh", ["-c", `umask 077; exec "$0" "$@"`, process.execPath, cli, ...line.split(" ")], {
      env,
      encoding: "utf8",
    }).stdout;
  expect(run("up postgres")).toContain("ready on");
  expect(run("down postgres --purge")).toContain("its data deleted");
  rmSync(cache, { recursive: true });
});

test("one of typhoon up lives until typhoon down, whoever used it", async () => {
  const name = newName();
  expect(typhoon("up", "redis", "--name", name).stdout).toContain("ready on 127.0.0.1:");
  const run = readRun(serverFolder(name))!;
  const user = await kernel();
  await user.run(`%up redis --name ${name}`);
  await user.shutdown();
  expect(typhoon("ps").stdout).toMatch(new RegExp(`^${name} .*typhoon up$`, "m"));
  expect(typhoon("logs", name).stdout).toContain("Ready to accept connections");
  expect(typhoon("down", name).stdout).toBe(`${name} stopped; its data is kept, --purge deletes it\n`);
  await Promise.all(pidsOf(run).map(gone));
  expect(typhoon("down", name, "--purge").stdout).toBe(`${name} its data deleted\n`);
  expect(existsSync(serverFolder(name))).toBe(false);
});

test("what a killed supervisor has left is ended by the next start", async () => {
  const name = newName();
  typhoon("up", "redis", "--name", name);
  const before = readRun(serverFolder(name))!;
  process.kill(before.supervisor.pid, "SIGKILL");
  await gone(before.supervisor.pid);
  expect(findRunning(name)).toBeUndefined();
  expect(typhoon("up", "redis", "--name", name).stdout).toContain("ready on");
  await Promise.all(pidsOf(before).map(gone));
  expect(readRun(serverFolder(name))!.info.url).toBe(before.info.url);
  typhoon("down", name);
});

test("a process that has got the id of a server's since is left alone", async () => {
  const name = newName();
  typhoon("up", "redis", "--name", name);
  const run = readRun(serverFolder(name))!;
  const bystander = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], { stdio: "ignore" });
  for (const pid of pidsOf(run)) process.kill(pid, "SIGKILL");
  await Promise.all(pidsOf(run).map(gone));
  const { writeSecret, runFile } = await import("../../magics/up/state.ts");
  const stale = { ...run, processes: [{ ...run.processes[0]!, pid: bystander.pid! }] };
  writeSecret(runFile(serverFolder(name)), JSON.stringify(stale));
  expect(typhoon("down", name).status).toBe(0);
  expect(bystander.exitCode).toBeNull();
  bystander.kill();
  await once(bystander, "exit");
  expect(bystander.signalCode).toBe("SIGTERM");
});

test("a server that ends by itself is told, is no longer listed, and starts again", async () => {
  const name = newName();
  const user = await kernel();
  await user.run(`%up redis --name ${name}`);
  const run = readRun(serverFolder(name))!;
  process.kill(run.processes[0]!.pid, "SIGKILL");
  await Promise.all(pidsOf(run).map(gone));
  expect(findRunning(name)).toBeUndefined();
  expect((await user.run(`%logs ${name}`)).stdout).toContain("redis has ended by itself: killed by SIGKILL");
  expect((await user.run(`%up redis --name ${name}`)).stdout).toContain("ready on");
});

test("an interrupt while a server starts for the first time leaves nothing behind", async () => {
  const name = newName();
  const user = await kernel();
  mkdirSync(serversFolder(), { recursive: true });
  const watcher = watch(serversFolder());
  const begun = new Promise<void>((done) => watcher.on("change", (_, file) => file === name && done()));
  const cell = user.run(`%up mysql --name ${name}`);
  await begun;
  watcher.close();
  await user.request("interrupt_request", {}, { channel: "control" });
  expect((await cell).error).toMatch(/^Interrupted/);
  // Joins the clean-up, which holds the server's lock.
  const after = await user.run(`%up redis --name ${name}`);
  expect(after.stdout).toContain("ready on");
  expect(readKept(serverFolder(name))?.recipe).toBe("redis");
});

test("Ctrl+C while a server is installed leaves nothing behind", async () => {
  const cache = mkdtempSync(join(tmpdir(), "typhoon-cache-"));
  const packages = join(cache, "typhoon", "packages");
  mkdirSync(packages, { recursive: true });
  chmodSync(cache, 0o755); // root looks elsewhere where others cannot enter
  const watcher = watch(packages);
  const begun = new Promise<void>((done) =>
    watcher.on("change", (_, file) => String(file).includes(".partial-") && done()),
  );
  const child = spawn(process.execPath, [cli, "up", "postgres"], {
    env: { ...process.env, XDG_CACHE_HOME: cache },
    stdio: "ignore",
  });
  await begun;
  watcher.close();
  child.kill("SIGINT");
  const [code] = (await once(child, "exit")) as [number];
  expect(code).toBe(130);
  expect(readdirSync(packages).filter((file) => !file.endsWith(".lock"))).toEqual([]);
  rmSync(cache, { recursive: true });
});
