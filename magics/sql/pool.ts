import { untilAborted } from "../abort.ts";
import type { SqlServer, SqlSession } from "./engine.ts";

/** A session that was not used for so long is asked whether it is still there before it is used. */
const doubtMs = 30_000;
/** Longest wait for a session that is asked whether it is there. */
const pingMs = 3_000;
/** Whoever waits so long for a free session is told why. */
const patienceMs = 2_000;

/** How many sessions beside the notebook's a database may have open, and how long one is kept that nobody uses. */
export interface PoolOptions {
  readonly most?: number;
  readonly idleMs?: number;
}

/** A session, and when it was last of use. */
export interface Pooled {
  readonly session: SqlSession;
  usedAt: number;
}

/** What a pool needs of its database. */
export interface PoolOwner {
  readonly server: SqlServer;
  readonly name: string;
  /** Says something to the person. */
  tell(text: string): void;
}

/** The sessions of a database: opened when they are asked for, and used again. */
export class SessionPool {
  private readonly owner: PoolOwner;
  private readonly most: number;
  private readonly idleMs: number;
  private readonly idle: Pooled[] = [];
  private readonly leased = new Set<Pooled>();
  private readonly waiting: (() => void)[] = [];
  /** Sessions that are leased or about to be, but those beyond the limit. */
  private count = 0;
  private sweeper: NodeJS.Timeout | undefined;
  private isClosed = false;

  constructor(owner: PoolOwner, { most = 10, idleMs = 60_000 }: PoolOptions) {
    this.owner = owner;
    this.most = most;
    this.idleMs = idleMs;
  }

  get hasOpen(): boolean {
    return [...this.idle, ...this.leased].some(({ session }) => session.isOpen);
  }

  /**
   * Gives a session to one who returns it by `release`; waits while as many are in use as there may be. One that is `beyond`
   * the limit never waits: it serves work that holds a session already, and would wait for itself.
   */
  async lease(signal: AbortSignal, beyond = false): Promise<Pooled> {
    if (!beyond) await this.turn(signal);
    try {
      let pooled = this.idle.pop();
      while (pooled && !(await isUsable(pooled))) pooled = this.idle.pop();
      pooled ??= await this.open(signal);
      this.leased.add(pooled);
      return pooled;
    } catch (error) {
      if (!beyond) this.free();
      throw error;
    }
  }

  /** Takes a session back: kept for the next one, closed where it is of no more use. */
  async release(pooled: Pooled, beyond = false): Promise<void> {
    const { session } = pooled;
    this.leased.delete(pooled);
    try {
      if (!session.isOpen) return;
      if (this.isClosed || (beyond && this.idle.length >= this.most)) return await session.close();
      pooled.usedAt = performance.now();
      this.idle.push(pooled);
      this.sweepLater();
    } finally {
      if (!beyond) this.free();
    }
  }

  /** Opens a session that is not of the pool. */
  async open(signal: AbortSignal): Promise<Pooled> {
    signal.throwIfAborted();
    this.refuseClosed();
    const connecting = this.owner.server.connect(signal);
    const closeLate = (session: SqlSession): Promise<void> => session.close();
    try {
      const session = await untilAborted(signal, connecting);
      if (this.isClosed) await closeLate(session).catch(() => {}); // its server is gone
      this.refuseClosed();
      return { session, usedAt: performance.now() };
    } catch (error) {
      connecting.then(closeLate).catch(() => {}); // nobody waits for it
      throw error;
    }
  }

  /** Closes all sessions, also those in use, whose work then fails. */
  async close(): Promise<void> {
    this.isClosed = true;
    clearTimeout(this.sweeper);
    await Promise.allSettled([...this.idle.splice(0), ...this.leased].map(({ session }) => session.close()));
  }

  private refuseClosed(): void {
    if (this.isClosed) throw new TypeError(`the connection ${this.owner.name} was closed. Connect again`);
  }

  private async turn(signal: AbortSignal): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    while (this.count >= this.most) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.waiting.push(resolve);
      timer ??= setTimeout(() => this.tellFull(), patienceMs);
      try {
        await untilAborted(signal, promise);
      } catch (error) {
        clearTimeout(timer);
        const at = this.waiting.indexOf(resolve);
        if (at >= 0) this.waiting.splice(at, 1);
        else this.waiting.shift()?.(); // it was its turn already
        throw error;
      }
    }
    clearTimeout(timer);
    this.count++;
  }

  private tellFull(): void {
    const { name } = this.owner;
    const full = this.most === 1 ? `the one session of ${name} is` : `all ${this.most} sessions of ${name} are`;
    this.owner.tell(
      `${full} in use, so this waits. Leave streams by break or return(), end transactions, or allow more by pool_max`,
    );
  }

  private free(): void {
    this.count--;
    this.waiting.shift()?.();
  }

  private sweepLater(): void {
    if (this.sweeper !== undefined) return;
    this.sweeper = setTimeout(() => {
      this.sweeper = undefined;
      const now = performance.now();
      for (const pooled of this.idle.filter(({ usedAt }) => now - usedAt >= this.idleMs)) {
        this.idle.splice(this.idle.indexOf(pooled), 1);
        pooled.session.close().catch(() => {}); // it is of no more use, whatever its end is
      }
      if (this.idle.length > 0) this.sweepLater();
    }, this.idleMs);
    this.sweeper.unref();
  }
}

/** Says whether a session still reaches its server; one in doubt is asked. */
export async function isUsable({ session, usedAt }: Pooled): Promise<boolean> {
  if (!session.isOpen) return false;
  if (performance.now() - usedAt < doubtMs) return true;
  try {
    await session.ping(AbortSignal.timeout(pingMs));
    return session.isOpen;
  } catch {
    await session.close().catch(() => {}); // it is gone
    return false;
  }
}
