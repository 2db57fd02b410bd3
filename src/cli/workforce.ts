import { type Engine, startEngine } from '../engine/engine.ts';
import { liveNodes, type Node } from '../store/database/nodes.ts';
import { webhookAllowList } from './config.ts';
import type { CliContext } from './context.ts';
import type { Session } from './open.ts';

export type Role = Node['role'];

/**
 * Somebody who works while a command waits: the workers that run already, or this process itself when there are
 * none. A worker that dies meanwhile is replaced by this process.
 */
export class Workforce {
  readonly #context: CliContext;
  readonly #session: Session;
  readonly #role: Role;
  readonly #version: string;
  #engine: Engine | null = null;
  #checkedAt = -Infinity;
  nodes = 0;

  constructor(context: CliContext, session: Session, role: Role, version: string) {
    this.#context = context;
    this.#session = session;
    this.#role = role;
    this.#version = version;
  }

  get foreground(): boolean {
    return this.#engine !== null;
  }

  /** The engine of this process; null while others work. */
  get engine(): Engine | null {
    return this.#engine;
  }

  /** Looks at most every 3 s whether anybody works; if not, starts to. */
  async ensure(): Promise<void> {
    if (this.#engine !== null || performance.now() - this.#checkedAt < 3_000) return;
    // When it cannot be seen, or not be begun, the next call tries again.
    const checkedAt = performance.now();
    // Another push or demo delivers too while it runs, but it ends with its own campaign.
    const nodes = await liveNodes(this.#session.store.pool);
    this.nodes = nodes.filter(({ role }) => role === 'serve' || role === 'worker').length;
    if (this.nodes === 0)
      this.#engine = await startEngine({
        ...this.#session,
        logger: this.#context.logger,
        role: this.#role,
        version: this.#version,
        webhookAllow: webhookAllowList(this.#context.config),
        auditKeepDays: this.#context.config.auditKeepDays,
      });
    this.#checkedAt = checkedAt;
  }

  /**
   * @param timeoutMs how long to wait until everything in flight is stored; default 10 s, less when the process is to end
   * @returns false when that was not enough
   */
  async stop(timeoutMs = 10_000): Promise<boolean> {
    const engine = this.#engine;
    this.#engine = null;
    return (await engine?.stop(Math.min(timeoutMs, this.#context.msLeft() * 0.7))) ?? true;
  }
}
