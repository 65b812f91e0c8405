import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { type Answer, type KernelClient, type Received, startKernel } from "../../kernel/cli/client.ts";
import { recordFolder } from "../systems/whole-suite.ts";
import type { Contents } from "../../kernel/protocol/contents.ts";

/** A kernel run from its sources, and short forms for what tests ask of it. */
export interface TestKernel extends KernelClient {
  /** Folder in which the kernel runs. */
  readonly folder: string;
  /** Runs a cell and returns what was seen of it. */
  run(code: string, options?: Partial<Contents["execute_request"]>): Promise<Seen>;
}

/** A cell's reply and outputs. */
export interface Seen {
  readonly reply: Contents["execute_reply"];
  /** The reply's execution_count. */
  readonly count: number;
  readonly published: readonly Received[];
  readonly stdout: string;
  readonly stderr: string;
  /** The plain text of the result. */
  readonly result: string | undefined;
  /** MIME data of each display, in order. */
  readonly displays: readonly Record<string, unknown>[];
  /** `ename: evalue` of the error, if there was one. */
  readonly error: string | undefined;
  /** The error's traceback without colours. */
  readonly traceback: string;
}

/** Starts a kernel from the sources, in a new folder, with a history of its own. */
export async function startTestKernel(
  options: { env?: NodeJS.ProcessEnv; folder?: string; connection?: Record<string, unknown> } = {},
): Promise<TestKernel> {
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), "typhoon-test-"));
  recordFolder(folder);
  const client = await startKernel([process.execPath, resolve("kernel/main.ts"), "{connection_file}"], {
    cwd: folder,
    // As with a person, also where the tests themselves run in CI. Cells of tests are wrong on purpose: what tests the type
    // checker turns it on.
    env: {
      TYPHOON_HISTORY: join(folder, "history.sqlite"),
      CI: undefined,
      TYPHOON_TYPECHECK: "off",
      ...options.env,
    },
    connection: options.connection ?? {},
  });
  return Object.assign(client, {
    folder,
    run: async (code: string, extra: Partial<Contents["execute_request"]> = {}) =>
      see(await client.request("execute_request", { code, allow_stdin: false, ...extra })),
  });
}

/** Sorts what came of a cell. */
export function see({ reply, published }: Answer<"execute_request">): Seen {
  const of = (type: string): Record<string, unknown>[] =>
    published.filter(({ header }) => header.msg_type === type).map(({ content }) => content);
  const text = (name: string): string =>
    of("stream")
      .filter((content) => content["name"] === name)
      .map((content) => String(content["text"]))
      .join("");
  const data = (content: Record<string, unknown>): Record<string, unknown> =>
    content["data"] as Record<string, unknown>;
  const error = of("error").at(-1);
  return {
    reply,
    count: reply.execution_count ?? Number.NaN,
    published,
    stdout: text("stdout"),
    stderr: text("stderr"),
    result: of("execute_result").map((content) => String(data(content)["text/plain"]))[0],
    displays: of("display_data").map(data),
    error: error && `${String(error["ename"])}: ${String(error["evalue"])}`,
    traceback: ((error?.["traceback"] ?? []) as string[]).join("\n").replaceAll(/\u001B\[[\d;]*m/g, ""),
  };
}

/** Resolves at the first published message that fits. */
export function seen(kernel: KernelClient, fits: (message: Received) => boolean): Promise<Received> {
  return new Promise((done) => kernel.onPublished((message) => fits(message) && done(message)));
}
