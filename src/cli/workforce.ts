import type { Logger } from '../base/logger.ts';
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
  readonly #logger: Logger;
  #engine: Engine | null = null;
  #checkedAt = -Infinity;
  nodes = 0;

  /** @param campaignId whose end the command tells itself, in the reader's language: the log need not say it too */
  constructor(
    context: CliContext,
    session: Session,
    role: Role,
    version: string,
    campaignId: number | null = null,
  ) {
    this.#context = context;
    this.#logger = campaignId === null ? context.logger : without(campaignId, context);
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
        logger: this.#logger,
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

/**
 * The log but for how one campaign ends: errors, of which the command's end tells. What happens meanwhile, such as outcomes that find
 * no room on a disk, is told by nobody else. Whoever asked for a level gets all of it.
 */
function without(campaignId: number, { logger, config }: CliContext): Logger {
  if (config.logLevel !== undefined) return logger;
  const isTold = (fields: object): boolean => 'campaignId' in fields && fields.campaignId === campaignId;
  return {
    debug: (fields, message) => logger.debug(fields, message),
    info: (fields, message) => logger.info(fields, message),
    warn: (fields, message) => logger.warn(fields, message),
    error(fields, message) {
      if (!isTold(fields)) logger.error(fields, message);
    },
  };
}
