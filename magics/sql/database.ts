import { currentOutput } from "../../display/output.ts";
import { untilAborted } from "../abort.ts";
import type { Connection } from "../connections/kinds.ts";
import type { Target } from "../connections/target.ts";
import type { SqlEngine, SqlServer, SqlSession } from "./engine.ts";
import { isFailure } from "./failure.ts";
import { type PoolOptions, type Pooled, SessionPool, isUsable } from "./pool.ts";
import { type Relations, createRelations } from "./relations.ts";

/** How a stream's session is had. */
export interface StreamOptions {
  /** It may be one more than the pool's: for work that holds a session of the same database already. */
  readonly beyond?: boolean;
}

/**
 * A database by its connection: the notebook's own session, whose settings, temporary tables and transactions last from
 * cell to cell, and others beside it. A session that was lost is replaced at the next use.
 */
export class SqlDatabase implements Connection {
  readonly target: Target;
  readonly engine: SqlEngine;
  private readonly server: SqlServer;
  private readonly pool: SessionPool;
  private readonly shared: Relations | undefined;
  private readonly own = new WeakMap<SqlSession, Relations>();
  /** Sessions of streams that were begun, and dropped without an end. */
  private readonly dropped = new FinalizationRegistry<Stream>((stream) => stream.end());
  private main: Pooled | undefined;
  private turn: Promise<unknown> = Promise.resolve();
  private wasOpen = false;

  constructor(engine: SqlEngine, target: Target, options: PoolOptions = {}) {
    this.engine = engine;
    this.target = target;
    this.server = engine.open(target);
    this.pool = new SessionPool({ server: this.server, name: target.name, tell }, options);
    const { relations } = this.server;
    this.shared = relations && createRelations(relations);
  }

  get state(): Connection["state"] {
    if (this.main?.session.isOpen || this.pool.hasOpen) return "open";
    return this.wasOpen ? "lost" : "idle";
  }

  async ping(signal: AbortSignal): Promise<string> {
    return this.exclusive(signal, async (session) => {
      await session.ping(signal);
      return session.version;
    });
  }

  /** Runs `work` with the notebook's session, when all work before it is done. */
  async exclusive<T>(signal: AbortSignal, work: (session: SqlSession) => Promise<T>): Promise<T> {
    const previous = this.turn;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.turn = previous.then(() => promise);
    try {
      await untilAborted(signal, previous);
      const pooled = await this.notebookSession(signal);
      try {
        return await work(pooled.session);
      } finally {
        pooled.usedAt = performance.now();
        if (signal.aborted && pooled.session.inTransaction) {
          await rollBack(pooled.session);
          tell(`the open transaction of ${this.target.name} was rolled back`);
        }
      }
    } finally {
      resolve();
    }
  }

  /** Runs `work` with a session beside the notebook's. */
  async separate<T>(signal: AbortSignal, work: (session: SqlSession) => Promise<T>): Promise<T> {
    const pooled = await this.lease(signal);
    try {
      return await work(pooled.session);
    } finally {
      await this.release(pooled);
    }
  }

  /** As `separate`, for what comes piece by piece. */
  stream<T>(
    signal: AbortSignal,
    work: (session: SqlSession) => AsyncGenerator<T, void>,
    { beyond = false }: StreamOptions = {},
  ): AsyncGenerator<T, void> {
    const stream: Stream = { end: () => {} };
    const generator = this.give(stream, signal, work, beyond);
    this.dropped.register(generator, stream);
    return generator;
  }

  /** Tables of the notebook as relations of a session. */
  relationsOf(session: SqlSession): Relations | undefined {
    return this.shared ?? this.own.get(session);
  }

  /** Keeps the relations of one session. */
  setRelations(session: SqlSession, relations: Relations): void {
    this.own.set(session, relations);
  }

  /** Sees to it that a session finds the notebook's tables. */
  async showRelations(session: SqlSession): Promise<void> {
    await this.server.relations?.show(session);
  }

  async close(): Promise<void> {
    const { main } = this;
    this.main = undefined;
    await Promise.allSettled([main?.session.close(), this.pool.close()]);
    await this.server.close();
  }

  private async *give<T>(
    stream: Stream,
    signal: AbortSignal,
    work: (session: SqlSession) => AsyncGenerator<T, void>,
    beyond: boolean,
  ): AsyncGenerator<T, void> {
    const pooled = await this.lease(signal, beyond);
    const release = (): Promise<void> => this.release(pooled, beyond);
    // In the midst of a result a session is of no use to others.
    stream.end = () => void pooled.session.close().then(release, release);
    try {
      yield* work(pooled.session);
    } finally {
      stream.end = () => {};
      await release();
    }
  }

  private async notebookSession(signal: AbortSignal): Promise<Pooled> {
    const { main } = this;
    if (main && (await isUsable(main))) return main;
    if (main) {
      const { lostBecause: reason } = main.session;
      const why = reason === undefined ? "was lost" : `was lost, since ${reason}`;
      tell(
        `the connection ${this.target.name} ${why}; this is a new session. Temporary tables, settings and an open transaction are gone`,
      );
    }
    this.main = await this.pool.open(signal);
    this.wasOpen = true;
    return this.main;
  }

  private async lease(signal: AbortSignal, beyond = false): Promise<Pooled> {
    const pooled = await this.pool.lease(signal, beyond);
    this.wasOpen = true;
    return pooled;
  }

  private async release(pooled: Pooled, beyond = false): Promise<void> {
    try {
      await rollBack(pooled.session);
    } finally {
      await this.pool.release(pooled, beyond);
    }
  }
}

/** What ends a stream's session, once nobody has the stream any more. */
interface Stream {
  end(): void;
}

function tell(text: string): void {
  currentOutput().stream("stderr", `typhoon: ${text}.\n`);
}

/** Ends a transaction that nobody will end. */
async function rollBack(session: SqlSession): Promise<void> {
  if (!session.isOpen || !session.inTransaction) return;
  const { signal } = new AbortController();
  try {
    const { batches } = await session.start({ sql: "rollback", values: [] }, signal);
    for await (const _ of batches);
  } catch (error) {
    if (!isFailure(error)) throw error;
    await session.close().catch(() => {});
  }
}
