import { appendAudit } from '../../store/access/audit.ts';
import type { Pool } from '../../store/database/pool.ts';
import { rowOf } from '../action.ts';
import type { Actor } from '../actor.ts';

const hourMs = 3_600_000;

/**
 * Rows of the audit for what is done too often for a row each time: the first of an hour, for each caller, account, action and
 * kind. In the memory of this process: another node, and another start, writes its own.
 */
export class HourlyAudit {
  readonly #pool: Pool;
  readonly #notedAt = new Map<string, number>();

  constructor(pool: Pool) {
    this.#pool = pool;
  }

  async note(
    actor: Actor,
    about: { action: string; appid: string; kind: string; path: string },
  ): Promise<void> {
    const now = performance.now();
    const { action, appid, kind, path } = about;
    const name = JSON.stringify([actor.kind, actor.id, appid, action, kind]);
    const notedAt = this.#notedAt.get(name);
    if (notedAt !== undefined && now - notedAt < hourMs) return;
    // Callers and accounts are those that exist; those of yesterday go.
    for (const [known, at] of this.#notedAt) if (now - at >= hourMs) this.#notedAt.delete(known);
    this.#notedAt.set(name, now);
    try {
      await appendAudit(this.#pool, {
        ...{ ...rowOf(actor), outcome: 'done', beganId: null, action, code: null, appid },
        ...{ target: kind, input: { kind, path }, before: null, after: null },
      });
    } catch (error) {
      this.#notedAt.delete(name);
      throw error;
    }
  }
}
