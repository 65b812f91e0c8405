import { currentOutput } from "../../display/output.ts";
import type { Connection } from "../connections/kinds.ts";
import type { Target } from "../connections/target.ts";
import type { SqlEngine, SqlServer, SqlSession } from "./engine.ts";
import { isFailure } from "./failure.ts";
import { type Relations, createRelations } from "./relations.ts";

/** A session that was not used for so long is asked whether it is still there before it is used. */
const doubtMs = 30_000;
/** An unused session beside the notebook's is closed after so long. */
const idleMs = 60_000;
/** Longest wait for a session that is asked whether it is there. */
const pingMs = 3_000;

interface Pooled {
  readonly session: SqlSession;
  usedAt: number;
}

/** How many sessions beside the notebook's a database may have open. */
export interface PoolOptions {
  readonly most?: number;
}

/**
 * A database by its connection: the notebook's own session, whose settings, temporary tables and transactions last from
 * cell to cell, and others beside it. A session that was lost is replaced at the next use.
 */
export class SqlDatabase implements Connection {
  readonly target: Target;
  readonly engine: SqlEngine;
  private readonly most: number;
  private readonly server: SqlServer;
  private readonly shared: Relations | undefined;
  private readonly own = new WeakMap<SqlSession, Relations>();
  private main: Pooled | undefined;
  private turn: Promise<unknown> = Promise.resolve();
  private readonly idle: Pooled[] = [];
  private readonly waiting: (() => void)[] = [];
  private leased = 0;
  private sweeper: NodeJS.Timeout | undefined;
  private wasOpen = false;
  private isClosed = false;

  constructor(engine: SqlEngine, target: Target, { most = 10 }: PoolOptions = {}) {
    this.engine = engine;
    this.target = target;
    this.most = most;
    this.server = engine.open(target);
    const { relations } = this.server;
    this.shared = relations && createRelations(relations);
  }

  get state(): Connection["state"] {
    if (this.main?.session.isOpen || this.idle.some(({ session }) => session.isOpen)) return "open";
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
      await untilAborted(previous, signal);
      const pooled = await this.notebookSession(signal);
      try {
        return await work(pooled.session);
      } finally {
        pooled.usedAt = performance.now();
        if (signal.aborted && pooled.session.inTransaction) {
          await this.rollBack(pooled.session);
          this.tell(`the open transaction of ${this.target.name} was rolled back`);
        }
      }
    } finally {
      resolve();
    }
  }

  /** Runs `work` with a session beside the notebook's; at most `most` are open at a time. */
  async separate<T>(signal: AbortSignal, work: (session: SqlSession) => Promise<T>): Promise<T> {
    const pooled = await this.lease(signal);
    try {
      return await work(pooled.session);
    } finally {
      await this.release(pooled);
    }
  }

  /** As `separate`, for what comes piece by piece. */
  async *stream<T>(
    signal: AbortSignal,
    work: (session: SqlSession) => AsyncGenerator<T, void>,
  ): AsyncGenerator<T, void> {
    const pooled = await this.lease(signal);
    try {
      yield* work(pooled.session);
    } finally {
      await this.release(pooled);
    }
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
    this.isClosed = true;
    clearTimeout(this.sweeper);
    const sessions = [...(this.main ? [this.main] : []), ...this.idle.splice(0)];
    this.main = undefined;
    await Promise.allSettled(sessions.map(({ session }) => session.close()));
    await this.server.close();
  }

  private async notebookSession(signal: AbortSignal): Promise<Pooled> {
    const { main } = this;
    if (main && (await this.isUsable(main))) return main;
    if (main)
      this.tell(
        `the connection ${this.target.name} was lost; this is a new session. Temporary tables, settings and an open transaction are gone`,
      );
    this.main = await this.open(signal);
    return this.main;
  }

  private async open(signal: AbortSignal): Promise<Pooled> {
    signal.throwIfAborted();
    if (this.isClosed) throw new TypeError(`the connection ${this.target.name} was closed. Connect again`);
    const connecting = this.server.connect(signal);
    try {
      const session = await untilAborted(connecting, signal);
      this.wasOpen = true;
      return { session, usedAt: performance.now() };
    } catch (error) {
      connecting.then(
        (late) => late.close(),
        () => {},
      );
      throw error;
    }
  }

  private async isUsable({ session, usedAt }: Pooled): Promise<boolean> {
    if (!session.isOpen) return false;
    if (performance.now() - usedAt < doubtMs) return true;
    try {
      await session.ping(AbortSignal.timeout(pingMs));
      return session.isOpen;
    } catch {
      await session.close().catch(() => {});
      return false;
    }
  }

  private tell(text: string): void {
    currentOutput().stream("stderr", `typhoon: ${text}.\n`);
  }

  private async lease(signal: AbortSignal): Promise<Pooled> {
    while (this.leased >= this.most) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.waiting.push(resolve);
      try {
        await untilAborted(promise, signal);
      } catch (error) {
        const at = this.waiting.indexOf(resolve);
        if (at >= 0) this.waiting.splice(at, 1);
        else this.waiting.shift()?.(); // it was its turn already
        throw error;
      }
    }
    this.leased++;
    try {
      for (let free = this.idle.pop(); free; free = this.idle.pop()) if (await this.isUsable(free)) return free;
      return await this.open(signal);
    } catch (error) {
      this.leased--;
      this.waiting.shift()?.();
      throw error;
    }
  }

  private async release(pooled: Pooled): Promise<void> {
    const { session } = pooled;
    await this.rollBack(session);
    this.leased--;
    if (this.isClosed) await session.close();
    else if (session.isOpen) {
      pooled.usedAt = performance.now();
      this.idle.push(pooled);
      this.sweepLater();
    }
    this.waiting.shift()?.();
  }

  /** Ends a transaction that nobody will end. */
  private async rollBack(session: SqlSession): Promise<void> {
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

  private sweepLater(): void {
    if (this.sweeper !== undefined) return;
    this.sweeper = setTimeout(() => {
      this.sweeper = undefined;
      const now = performance.now();
      const old = this.idle.filter(({ usedAt }) => now - usedAt >= idleMs);
      for (const pooled of old) {
        this.idle.splice(this.idle.indexOf(pooled), 1);
        pooled.session.close().catch(() => {}); // it is of no more use, whatever its end is
      }
      if (this.idle.length > 0) this.sweepLater();
    }, idleMs);
    this.sweeper.unref();
  }
}

/** Waits for a promise, but no longer than until the signal. */
async function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const abort = (): void => reject(signal.reason);
  signal.addEventListener("abort", abort, { once: true });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}
