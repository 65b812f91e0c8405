import { runProcess } from "../process.ts";
import { ServerFailure } from "./failure.ts";
import type { User } from "./unprivileged.ts";

/** How a tool runs. */
export interface ToolOptions {
  readonly signal: AbortSignal;
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly user?: User | undefined;
  /** Takes what it prints, as it comes. */
  readonly onOutput?: (text: string) => void;
  /** What to do where it fails, a sentence. */
  readonly advice?: string;
}

const shownLines = 12;

/** Runs a program that sets something up, and returns what it printed on stdout; where it fails, says what it said. */
export async function runTool(
  command: string,
  args: readonly string[],
  { signal, cwd, env = {}, user, onOutput, advice }: ToolOptions,
): Promise<string> {
  const printed = { stdout: "", stderr: "" };
  let ended: Awaited<ReturnType<typeof runProcess>>;
  try {
    ended = await runProcess(command, args, {
      signal,
      ...(cwd !== undefined && { cwd }),
      env: { ...process.env, ...env },
      user,
      onOutput(name, text) {
        printed[name] += text;
        onOutput?.(text);
      },
    });
  } catch (error) {
    if (signal.aborted) throw error;
    throw new ServerFailure(withAdvice(`${command} could not be started: ${(error as Error).message}`, advice), {
      cause: error,
    });
  }
  if (ended.code === 0) return printed.stdout;
  const said = (printed.stderr.trim() || printed.stdout.trim()).split("\n").slice(-shownLines).join("\n");
  throw new ServerFailure(withAdvice(`${command} has failed (${ended.killedBy ?? ended.code})\n${said}`, advice));
}

function withAdvice(message: string, advice: string | undefined): string {
  return advice === undefined ? message : `${message}\n${advice}`;
}
