import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

/** A program of the project's `.venv`. */
export function venvProgram(name: string): string {
  return process.platform === "win32" ? resolve(".venv", "Scripts", `${name}.exe`) : resolve(".venv", "bin", name);
}

/** The environment in which only the project's kernelspec and settings are seen, with files of its own in `folder`. */
export function venvEnv(folder: string): NodeJS.ProcessEnv {
  return {
    ...process.env,
    PATH: `${resolve(".venv", "bin")}:${process.env["PATH"] ?? ""}`,
    JUPYTER_CONFIG_DIR: join(folder, ".jupyter"),
    JUPYTER_DATA_DIR: join(folder, ".data"),
    JUPYTER_RUNTIME_DIR: join(folder, ".runtime"),
    IPYTHONDIR: join(folder, ".ipython"),
    TYPHOON_HISTORY: join(folder, ".history.sqlite"),
    JUPYTER_PLATFORM_DIRS: "1",
  };
}

/** A Jupyter server on the loopback address. */
export interface JupyterServer extends AsyncDisposable {
  readonly url: string;
  readonly token: string;
  /** Root folder of its contents. */
  readonly folder: string;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address() as { port: number };
  await new Promise((done) => server.close(done));
  return port;
}

/** JupyterLab asks once whether it may fetch news; its question would cover the notebook. */
function declineNews(folder: string): void {
  const settings = join(folder, ".jupyter", "lab", "user-settings", "@jupyterlab", "apputils-extension");
  mkdirSync(settings, { recursive: true });
  writeFileSync(join(settings, "notification.jupyterlab-settings"), JSON.stringify({ fetchNews: "false" }));
}

/** Starts JupyterLab's server and waits until it answers. */
export async function startJupyterServer(
  folder: string = mkdtempSync(join(tmpdir(), "typhoon-jupyter-")),
): Promise<JupyterServer> {
  const port = await freePort();
  declineNews(folder);
  const token = randomUUID();
  const child = spawn(
    venvProgram("jupyter-lab"),
    [
      "--no-browser",
      "--allow-root",
      "--ip=127.0.0.1",
      `--port=${port}`,
      "--ServerApp.port_retries=0",
      `--IdentityProvider.token=${token}`,
      `--ServerApp.root_dir=${folder}`,
      "--LabApp.news_url=None",
      "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    ],
    { env: venvEnv(folder), cwd: folder, stdio: ["ignore", "ignore", "pipe"] },
  );
  const url = `http://127.0.0.1:${port}/`;
  await ready(child);
  return {
    url,
    token,
    folder,
    async [Symbol.asyncDispose]() {
      const ended = new Promise((done) => child.once("exit", done));
      child.kill("SIGTERM");
      await ended;
    },
  };
}

/** Resolves when the server says where it listens; its log is in the error if it ends before. */
function ready(child: ChildProcess): Promise<void> {
  let log = "";
  return new Promise((done, fail) => {
    child.stderr!.on("data", (text: Buffer) => {
      log += String(text);
      if (log.includes("is running at:")) done();
    });
    child.once("exit", () => fail(new Error(`the Jupyter server ended:\n${log}`)));
    child.once("error", fail);
  });
}
