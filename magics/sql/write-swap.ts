import type { SqlSession } from "./engine.ts";
import { execute } from "./execute.ts";
import { isFailure } from "./failure.ts";
import { lastStep } from "./last-step.ts";
import { definitions, temporaryName } from "./new-table.ts";
import { quotePath } from "./write-check.ts";
import type { Job } from "./write-steps.ts";

/** Longest wait for a server that was lost, to drop what is left. */
const cleanUpMs = 5_000;

/** What takes longer to drop is told. */
const slowMs = 500;

const never = new AbortController().signal;

/** Fills a table under another name, which then takes the name in one step: for systems without transactions for that. */
export async function swapIn(job: Job): Promise<void> {
  const { database, session, path, existing, signal, columns, key, batches } = job;
  const { dialect } = database.engine;
  const beside = (own: string): string => quotePath([...path.slice(0, -1), own], dialect);
  const table = quotePath(path, dialect);
  const staging = beside(temporaryName());
  try {
    await execute(session, `create table ${staging} (${definitions(dialect, columns, key)})`, signal);
    for (const sql of dialect.begin?.() ?? ["begin"]) await execute(session, sql, signal);
    await session.insert(staging, columns, batches, signal);
    await execute(session, "commit", signal);
  } catch (error) {
    await dropRest(job, staging);
    throw error;
  }
  const old = existing && beside(temporaryName());
  try {
    await lastStep(signal, (until) => execute(session, dialect.takeName!(table, staging, old), until));
  } catch (error) {
    if (await isLeft(job, staging)) {
      await dropRest(job, staging);
      throw error;
    }
  }
  if (old !== undefined) await dropOld(job, { table, staging, old });
}

interface Names {
  readonly table: string;
  readonly staging: string;
  readonly old: string;
}

/** Drops the table that was replaced; where the server refuses that, as one to which others refer, it gets its name back. */
async function dropOld(job: Job, { table, staging, old }: Names): Promise<void> {
  const { takeName } = job.database.engine.dialect;
  try {
    await afterwards(job, (session) => execute(session, `drop table ${old}`, never));
  } catch (error) {
    if (!isFailure(error) || error.isDisconnect) return tellRest(job, old, error);
    await afterwards(job, (session) => execute(session, takeName!(table, old, staging), never));
    await dropRest(job, staging);
    throw error;
  }
}

/** True where the table did not take the name, or nobody knows. */
async function isLeft(job: Job, staging: string): Promise<boolean> {
  try {
    await afterwards(job, (session) => execute(session, `select * from ${staging} where 1 = 0`, never));
    return true;
  } catch (error) {
    if (!isLoss(error)) throw error;
    return !isFailure(error) || error.missingTable === undefined;
  }
}

async function dropRest(job: Job, staging: string): Promise<void> {
  // The cell may have ended by its interrupt, and the next one sees the table while the server takes its rows back.
  const slow = setTimeout(() => {
    tell(
      `the table ${staging} of the writing that was stopped is there until the server has taken its rows back`,
    ).catch(() => {});
  }, slowMs);
  try {
    await afterwards(job, async (session) => {
      if (session.inTransaction) await execute(session, "rollback", never);
      await execute(session, `drop table if exists ${staging}`, never);
    });
  } catch (error) {
    await tellRest(job, staging, error);
  } finally {
    clearTimeout(slow);
  }
}

async function tell(text: string): Promise<void> {
  const { currentOutput } = await import("../../display/output.ts");
  currentOutput().stream("stderr", `typhoon: ${text}.\n`);
}

async function tellRest({ name }: Job, rest: string, error: unknown): Promise<void> {
  await tell(`the table ${rest} may be left of writing ${name}; drop it when the server is back`);
  if (!isLoss(error)) throw error;
}

/** Does what an interrupt and the loss of the session leave to do. */
async function afterwards<T>({ database, session }: Job, work: (session: SqlSession) => Promise<T>): Promise<T> {
  return session.isOpen ? work(session) : database.separate(AbortSignal.timeout(cleanUpMs), work);
}

function isLoss(error: unknown): boolean {
  return isFailure(error) || (error as Error).name === "TimeoutError";
}
